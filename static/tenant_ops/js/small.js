// Small behaviours, each by its data- attribute: copy a text, send a form once, open one field with another.
(function () {
  "use strict";

  function copy(button) {
    var text = document.getElementById(button.getAttribute("data-to-copy")).textContent;
    var said = button.textContent;
    function done() {
      button.textContent = "\u2713";
      window.setTimeout(function () { button.textContent = said; }, 1200);
    }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(done);
      return;
    }
    var area = document.createElement("textarea");
    area.value = text;
    document.body.appendChild(area);
    area.select();
    if (document.execCommand("copy")) { done(); }
    area.remove();
  }

  function opens(box) {
    var field = document.getElementById(box.getAttribute("data-to-opens"));
    field.hidden = !box.checked;
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-to-copy]");
    if (button) { copy(button); }
  });

  // A fold whose content is asked for only while it is open: the poller's address and the page's own say so.
  function asks(head) {
    var fold = head.parentNode;
    var root = fold.closest("[data-to-live]");
    var wanted = new URLSearchParams(fold.getAttribute("data-to-asks"));
    var live = new URL(root.getAttribute("data-to-live"), window.location.href);
    // The fold turns after this click.
    wanted.forEach(function (value, name) {
      if (fold.open) { live.searchParams.delete(name); } else { live.searchParams.set(name, value); }
    });
    live.searchParams.delete("q");
    root.setAttribute("data-to-live", live.pathname + live.search);
    window.history.replaceState(null, "", window.location.pathname + live.search);
    // The poller looks at once when a page is looked at again.
    document.dispatchEvent(new Event("visibilitychange"));
  }

  document.addEventListener("click", function (event) {
    var head = event.target.closest("[data-to-asks] > summary");
    if (head) { asks(head); }
  });

  // A menu opens below what was pressed, or above where there is no room. A rule and not an attribute: the page's policy
  // allows no style in an element, and the next answer of the poller would take it away.
  var placed = new CSSStyleSheet();
  document.adoptedStyleSheets = document.adoptedStyleSheets.concat(placed);

  function place(opener) {
    var menu = document.getElementById(opener.getAttribute("popovertarget"));
    var box = opener.getBoundingClientRect();
    var own = menu.getBoundingClientRect();
    var left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - own.width - 8));
    var below = box.bottom + 6;
    var top = below + own.height > window.innerHeight && box.top - 6 > own.height ? box.top - 6 - own.height : below;
    var x = Math.round(left + window.scrollX);
    var y = Math.round(top + window.scrollY);
    placed.replaceSync("#" + menu.id + " { position: absolute; inset: auto; margin: 0; left: " + x + "px; top: " + y + "px; }");
  }

  document.addEventListener("click", function (event) {
    var opener = event.target.closest(".to-opener");
    // The menu opens after this click.
    if (opener) { window.requestAnimationFrame(function () { place(opener); }); }
  });

  // Escape closes a member's menu as it closes a box's, and the focus is where it was before.
  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && event.target.closest("details[data-key^='more-'][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-to-opens]")) { opens(event.target); }
  });

  document.addEventListener("submit", function (event) {
    var button = event.submitter;
    if (!button || !button.hasAttribute("data-to-once")) { return; }
    if (button.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
    // Not `disabled`: the pressed button's own value must travel with the form.
    button.setAttribute("aria-disabled", "true");
    button.classList.add("disabled");
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-to-once]").forEach(function (button) {
      button.removeAttribute("aria-disabled");
      button.classList.remove("disabled");
    });
  });

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-to-opens]").forEach(opens);
  });
}());
