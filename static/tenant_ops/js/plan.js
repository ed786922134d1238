// The launch page: the plan follows the form while somebody types. Nothing is made by it.
(function () {
  "use strict";

  var tenantOps = (window.tenantOps = window.tenantOps || {});
  var PAUSE = 350;

  function Planner(form) {
    this.form = form;
    this.touched = {};
    this.timer = null;
    this.asking = null;
  }

  Planner.prototype.later = function (wait) {
    window.clearTimeout(this.timer);
    this.form.classList.add("is-thinking");
    this.timer = window.setTimeout(this.ask.bind(this), wait);
  };

  Planner.prototype.ask = function () {
    var self = this;
    if (this.asking) { this.asking.abort(); }
    var asking = (this.asking = new AbortController());
    var body = new URLSearchParams(new FormData(this.form));
    fetch(this.form.getAttribute("data-to-plan-url"), {
      method: "POST",
      body: body,
      headers: tenantOps.headers(),
      credentials: "same-origin",
      signal: asking.signal
    })
      .then(function (response) {
        return tenantOps.isEnded(response).then(function (over) { return over ? {} : response.json(); });
      })
      .then(function (answer) { if (asking === self.asking) { self.take(answer); } })
      .catch(function (error) { if (error.name !== "AbortError") { self.form.classList.remove("is-thinking"); } });
  };

  Planner.prototype.take = function (answer) {
    this.form.classList.remove("is-thinking");
    if (!answer.html) { return; }
    tenantOps.fill(document.getElementById("plan"), answer.html);
    if (answer.fields) {
      document.getElementById("launch-fields").innerHTML = answer.fields;
      this.form.elements.shown.value = answer.shown;
    }
    document.getElementById("launch-button").textContent = answer.button;
    this.problems(answer.problems);
  };

  Planner.prototype.problems = function (problems) {
    var self = this;
    this.form.querySelectorAll("[data-to-problem]").forEach(function (place) {
      var name = place.getAttribute("data-to-problem");
      // An empty name is not a mistake before anybody typed one.
      var words = (name !== "name" || self.touched.name) && problems[name] ? problems[name] : "";
      var field = place.closest("[data-field]");
      var input = field.querySelector("input, select, textarea");
      place.hidden = !words;
      place.querySelector("span").textContent = words;
      field.classList.toggle("has-problem", Boolean(words));
      if (words) { input.setAttribute("aria-invalid", "true"); } else { input.removeAttribute("aria-invalid"); }
      if (words && name !== "name" && name !== "blueprint") { document.getElementById("advanced").open = true; }
    });
  };

  // A browser that comes back to the page may bring its answers along.
  function changed(form) {
    return Array.prototype.some.call(form.elements, function (field) {
      if (field.type === "radio" || field.type === "checkbox") { return field.checked !== field.defaultChecked; }
      return (field.type === "text" || field.type === "textarea") && field.value !== field.defaultValue;
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var form = document.querySelector("[data-to-plan-url]");
    if (!form) { return; }
    var planner = new Planner(form);
    form.addEventListener("input", function (event) {
      planner.touched[event.target.name] = true;
      planner.later(/^(text|textarea|password)$/.test(event.target.type) ? PAUSE : 0);
    });
    if (changed(form)) { planner.later(0); }
  });
}());
