// The firewall editor: a rule moves by drag or Alt+arrow, edits come back as the part of the page that changed, and a rule and its traffic light up together.
(function () {
  "use strict";

  var tenantOps = (window.tenantOps = window.tenantOps || {});
  var dragged = null;

  function send(form, asked, after) {
    var body = new URLSearchParams(new FormData(form));
    body.set("do", asked);
    form.closest("[data-to-live]").classList.add("is-thinking");
    fetch(form.action, { method: "POST", body: body, headers: tenantOps.headers(), credentials: "same-origin" })
      .then(function (response) {
        return tenantOps.isEnded(response).then(function (over) {
          if (over) { return; }
          if (!response.ok) { return response.json().then(refused); }
          return response.text().then(function (html) {
            var root = document.getElementById("firewall-group");
            tenantOps.morph(root, tenantOps.parse(html).querySelector("[data-to-live]"));
            root.classList.remove("is-thinking");
            after();
          });
        });
      })
      .catch(function () { window.location.reload(); });
  }

  function refused(answer) {
    var note = document.querySelector("[data-fw-refused]");
    note.querySelector("p").textContent = [answer.sentence, answer.todo].filter(Boolean).join(" ");
    note.hidden = false;
    note.closest("[data-to-live]").classList.remove("is-thinking");
  }

  function focus(direction, place) {
    var rule = document.querySelector("#" + direction + " [data-fw-place='" + place + "']");
    if (rule) { rule.focus(); }
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-fw-edit") || !event.submitter) { return; }
    event.preventDefault();
    send(form, event.submitter.value, function () {});
  });

  document.addEventListener("keydown", function (event) {
    var rule = event.target.closest && event.target.closest("[data-fw-place]");
    if (!rule || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) { return; }
    var up = event.key === "ArrowUp";
    var button = rule.querySelector(up ? "[data-fw-up]" : "[data-fw-down]");
    var place = parseInt(rule.getAttribute("data-fw-place"), 10);
    var direction = rule.closest("section").id;
    event.preventDefault();
    if (!button || button.disabled) { return; }
    send(rule.closest("form"), button.value, function () { focus(direction, place + (up ? -1 : 1)); });
  });

  document.addEventListener("dragstart", function (event) {
    dragged = event.target.closest && event.target.closest("[data-fw-place]");
    if (dragged) { event.dataTransfer.effectAllowed = "move"; }
  });

  document.addEventListener("dragover", function (event) {
    var over = event.target.closest && event.target.closest("[data-fw-place]");
    if (dragged && over && over.parentNode === dragged.parentNode) { event.preventDefault(); }
  });

  document.addEventListener("drop", function (event) {
    var over = event.target.closest && event.target.closest("[data-fw-place]");
    if (!dragged || !over || over === dragged || over.parentNode !== dragged.parentNode) { return; }
    event.preventDefault();
    var form = dragged.closest("form");
    form.reset();
    send(form, "move:" + dragged.getAttribute("data-fw-place") + ":" + over.getAttribute("data-fw-place"), function () {});
    dragged = null;
  });

  // A cell's rules, or a rule's cells: both are named by the rule's id.
  function light(event) {
    var cell = event.target.closest && event.target.closest("[data-fw-rules]");
    var rule = event.target.closest && event.target.closest("[data-fw-rule]");
    var ids = cell ? cell.getAttribute("data-fw-rules").split(" ") : [];
    var id = rule ? rule.getAttribute("data-fw-rule") : "";
    document.querySelectorAll("[data-fw-rule]").forEach(function (one) {
      one.classList.toggle("is-lit", ids.indexOf(one.getAttribute("data-fw-rule")) >= 0);
    });
    document.querySelectorAll("[data-fw-rules]").forEach(function (one) {
      one.classList.toggle("is-lit", Boolean(id) && one.getAttribute("data-fw-rules").split(" ").indexOf(id) >= 0);
    });
  }

  document.addEventListener("mouseover", light);
  document.addEventListener("focusin", light);
}());
