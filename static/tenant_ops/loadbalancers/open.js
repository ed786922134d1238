// Tells the poller which load balancers this reader opened or closed: their members are read, and stay as he left them.
(function () {
  "use strict";

  function listed(query, name) { return (query.get(name) || "").split(",").filter(Boolean); }

  function put(query, name, ids) {
    if (ids.length) { query.set(name, ids.join(",")); } else { query.delete(name); }
  }

  function clicked(event) {
    var head = event.target.closest("summary");
    var fold = head && head.parentNode;
    var id = fold && fold.getAttribute("data-to-balancer");
    var root = id && fold.closest("[data-to-live]");
    if (!root) { return; }
    var address = new URL(root.getAttribute("data-to-live"), window.location.href);
    var query = address.searchParams;
    var opened = listed(query, "open").filter(function (one) { return one !== id; });
    var closed = listed(query, "closed").filter(function (one) { return one !== id; });
    // The fold turns after this click.
    (fold.open ? closed : opened).push(id);
    put(query, "open", opened);
    put(query, "closed", closed);
    var next = address.pathname + address.search;
    if (next === root.getAttribute("data-to-live")) { return; }
    root.setAttribute("data-to-live", next);
    // The address bar says the same, so that the view can be sent to somebody.
    window.history.replaceState(null, "", window.location.pathname + address.search);
    // The poller looks at once when a page is looked at again.
    document.dispatchEvent(new Event("visibilitychange"));
  }

  document.addEventListener("click", clicked);
}());
