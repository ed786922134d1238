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
