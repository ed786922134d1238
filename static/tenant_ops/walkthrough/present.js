// The presenter's keys: each presses what stands on the page with its name. Notes stay as they were left.
(function () {
  "use strict";

  var KEPT = "tenant-ops-notes";
  var LETTERS = "tenant-ops-letters";

  // Who dictates to the browser must be able to switch keys of one character off (WCAG 2.1.4).
  function silent(event) { return event.key.length === 1 && window.localStorage.getItem(LETTERS) === "off"; }

  function stage() { return document.querySelector("[data-to-stage]"); }

  // Keys that a focused element has a use for are its own.
  function taken(event) {
    var focused = event.target;
    return event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || !focused.closest ||
      focused.closest("input:not([type='hidden']), textarea, select") ||
      (event.key === "Enter" && focused.closest("a, button, summary"));
  }

  function meant(event) {
    var name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    return Array.prototype.find.call(stage().querySelectorAll("[data-to-keys]"), function (one) {
      return one.getAttribute("data-to-keys").split(" ").indexOf(name) >= 0;
    });
  }

  document.addEventListener("keydown", function (event) {
    var found = stage() && !taken(event) && !silent(event) && meant(event);
    if (!found) { return; }
    event.preventDefault();
    if (!event.repeat) { found.click(); }
  });

  function notes() { return document.querySelector("[data-to-notes]"); }

  // A fold's own event does not bubble.
  document.addEventListener("toggle", function (event) {
    if (event.target === notes()) { window.localStorage.setItem(KEPT, event.target.open ? "shown" : "hidden"); }
  }, true);

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-to-letters]")) {
      window.localStorage.setItem(LETTERS, event.target.checked ? "on" : "off");
    }
  });

  document.addEventListener("DOMContentLoaded", function () {
    var letters = document.querySelector("[data-to-letters]");
    if (letters) { letters.checked = window.localStorage.getItem(LETTERS) !== "off"; }
    if (notes() && window.localStorage.getItem(KEPT) === "shown") { notes().open = true; }
  });
}());
