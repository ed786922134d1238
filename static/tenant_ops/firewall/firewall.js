// The firewall editor: a rule moves by drag or Alt+arrow, edits come back as the part of the page that changed, and a rule and its traffic light up together.
(function () {
  "use strict";

  var tenantOps = (window.tenantOps = window.tenantOps || {});
  var dragged = null;

  var busy = false;
  var waiting = [];

  // One edit after the other: each is of the draft that the one before it made. `ask` tells, once it is its turn, the
  // form, what to do and what comes after; null where what it is about is gone by then.
  function edit(ask) {
    if (busy) { waiting.push(ask); return; }
    var asked = ask();
    if (asked && asked.form.isConnected) { send(asked); } else { next(); }
  }

  function next() {
    busy = false;
    if (waiting.length) { edit(waiting.shift()); }
  }

  function send(asked) {
    var form = asked.form;
    var root = document.getElementById("firewall-group");
    var live = root.tenantOpsLive;
    var body = new URLSearchParams(new FormData(form));
    busy = true;
    body.set("do", asked.value);
    root.classList.add("is-thinking");
    if (live) { live.rest(); }
    fetch(form.action, { method: "POST", body: body, headers: tenantOps.headers(), credentials: "same-origin" })
      .then(function (response) {
        return tenantOps.isEnded(response).then(function (over) {
          if (over) { waiting = []; busy = false; return; }
          if (!response.ok) { return response.json().then(refused); }
          return response.text().then(function (html) {
            tenantOps.morph(root, tenantOps.parse(html).querySelector("[data-to-live]"));
            if (asked.after) { asked.after(); }
            next();
            // What the edit's answer left out: matrix, picture, badges.
            if (!busy && live) { live.ask(); }
          });
        });
      })
      .catch(function () { window.location.reload(); });
  }

  function refused(answer) {
    var note = document.querySelector("[data-fw-refused]");
    var root = note.closest("[data-to-live]");
    note.querySelector("p").textContent = [answer.sentence, answer.todo].filter(Boolean).join(" ");
    note.hidden = false;
    root.classList.remove("is-thinking");
    waiting = [];
    busy = false;
    if (root.tenantOpsLive) { root.tenantOpsLive.plan(); }
  }

  function standing(direction, place) {
    return document.querySelector("#" + direction + " [data-fw-place='" + place + "']");
  }

  // The rule at a place, or the one beside it where that is on another page or gone.
  function focus(direction, place) {
    var rule = standing(direction, place) || standing(direction, place - 1) || standing(direction, place + 1);
    if (rule) { rule.focus(); }
  }

  // What an edit moved or took away loses the focus: it comes back to the button, or to the rule that stands there now.
  function kept(button) {
    var rule = button.closest("[data-fw-place]");
    if (!rule) { return null; }
    var direction = rule.closest("section").id;
    var was = rule.getAttribute("data-fw-place");
    return function () {
      if (document.activeElement && document.activeElement !== document.body) { return; }
      if (button.isConnected && !button.disabled) { button.focus(); return; }
      focus(direction, parseInt(rule.isConnected ? rule.getAttribute("data-fw-place") : was, 10));
    };
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var button = event.submitter;
    if (!form.hasAttribute("data-fw-edit") || !button) { return; }
    event.preventDefault();
    // A button of a rule goes with its rule, whatever an edit before this one made of its place.
    edit(function () {
      return button.isConnected && !button.disabled ? { form: form, value: button.value, after: kept(button) } : null;
    });
  });

  document.addEventListener("keydown", function (event) {
    var rule = event.target.closest && event.target.closest("[data-fw-place]");
    if (!rule || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) { return; }
    var up = event.key === "ArrowUp";
    event.preventDefault();
    // A key that is held does not pile up.
    if (waiting.length > 1) { return; }
    edit(function () {
      var button = rule.isConnected && rule.querySelector(up ? "[data-fw-up]" : "[data-fw-down]");
      if (!button || button.disabled) { return null; }
      var place = parseInt(rule.getAttribute("data-fw-place"), 10) + (up ? -1 : 1);
      var direction = rule.closest("section").id;
      return { form: rule.closest("form"), value: button.value, after: function () { focus(direction, place); } };
    });
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
    var rule = dragged;
    dragged = null;
    rule.closest("form").reset();
    edit(function () {
      if (!rule.isConnected || !over.isConnected) { return null; }
      var places = [rule, over].map(function (one) { return one.getAttribute("data-fw-place"); });
      return { form: rule.closest("form"), value: "move:" + places.join(":") };
    });
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
