// Acts in place: what can be taken back is sent where it was pressed, and its row says what goes on and what came of it.
// The link's own address is the page that asks, which is what a browser without scripts opens.
(function () {
  "use strict";

  var tenantOps = (window.tenantOps = window.tenantOps || {});
  // Longer than a server waits for an Octavia that is at work.
  var LATE = 60000;

  function kept(name) { return document.querySelector("[data-to-mark='" + name + "']"); }

  // Words in the row: they stay until the server has other words for it than it had before.
  function hold(place, held) {
    if (!place.hasAttribute("data-to-held")) { place.setAttribute("data-to-was", place.textContent); }
    place.setAttribute("data-to-held", held);
  }

  function say(place, held, state, words) {
    var line = document.createElement("p");
    var said = document.createElement("span");
    line.className = "to-said__words";
    said.textContent = words;
    line.appendChild(kept(state).content.cloneNode(true));
    line.appendChild(said);
    hold(place, held);
    place.textContent = "";
    place.appendChild(line);
  }

  function refused(place, answer) {
    var words = [answer.sentence, answer.todo].filter(Boolean).join(" ");
    if (answer.request_id && words.indexOf(answer.request_id) < 0) {
      words += " (" + kept("failed").getAttribute("data-to-request") + " " + answer.request_id + ")";
    }
    say(place, "said", "failed", words || kept("failed").getAttribute("data-to-unknown"));
  }

  function took(place, response) {
    // A refusal without words of ours comes from Horizon itself, such as of a token that a new login made old.
    var unsaid = response.status >= 400 && response.status < 500 ? { sentence: kept("failed").getAttribute("data-to-refused") } : {};
    return response.json().catch(function () { return unsaid; }).then(function (answer) {
      if (!response.ok || !answer.html) { refused(place, answer); return; }
      place.innerHTML = answer.html;
      hold(place, "said");
    });
  }

  // Where the focus goes when what was pressed goes away: a menu closes, the words of the last act give way.
  function settle(control, row, place) {
    var menu = control.closest("details");
    var next;
    if (menu && row.contains(menu)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (place.contains(control)) {
      next = row.querySelector("a.btn, a[data-to-act]:not([data-to-said] *)");
      if (next) { next.focus(); }
    }
  }

  function act(control, row, place, address, body) {
    if (place.getAttribute("data-to-held") === "going") { return; }
    var live = row.closest("[data-to-live]").tenantOpsLive;
    var headers = tenantOps.headers();
    var late = new AbortController();
    var timer = window.setTimeout(function () { late.abort(); }, LATE);
    headers["X-CSRFToken"] = document.querySelector("[data-to-token] input").value;
    settle(control, row, place);
    say(place, "going", "building", control.getAttribute("data-to-act"));
    fetch(address, { method: "POST", body: body, headers: headers, credentials: "same-origin", signal: late.signal })
      .then(function (response) {
        return tenantOps.isEnded(response).then(function (over) {
          if (over) { place.removeAttribute("data-to-held"); place.textContent = ""; return null; }
          return took(place, response);
        });
      })
      .catch(function () { refused(place, {}); })
      .then(function () {
        window.clearTimeout(timer);
        live.follow();
      });
  }

  function begin(event, control, address, body) {
    var row = control.closest("[data-to-row]");
    var place = row && row.querySelector("[data-to-said]");
    if (!place || !document.querySelector("[data-to-token] input")) { return; }
    event.preventDefault();
    act(control, row, place, address, body);
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-to-act]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return; }
    var address = new URL(link.href);
    begin(event, link, address.pathname, address.searchParams);
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("data-to-act")) { begin(event, form, form.action, new URLSearchParams(new FormData(form))); }
  });
}());
