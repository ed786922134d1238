// Changes a piece of the page into its next version in place, so that transitions run, folds stay open and focus stays.
(function () {
  "use strict";

  var tenantOps = (window.tenantOps = window.tenantOps || {});

  function key(node) {
    if (node.nodeType !== 1) { return null; }
    return node.getAttribute("data-key") || node.id || null;
  }

  function same(one, two) {
    return one.nodeType === two.nodeType && one.nodeName === two.nodeName && key(one) === key(two);
  }

  function attributes(from, to) {
    var i, name;
    for (i = from.attributes.length - 1; i >= 0; i -= 1) {
      name = from.attributes[i].name;
      // What a person opened or hid stays as it is.
      if (!to.hasAttribute(name) && !(name === "open" && from.nodeName === "DETAILS")) { from.removeAttribute(name); }
    }
    for (i = 0; i < to.attributes.length; i += 1) {
      name = to.attributes[i].name;
      if (from.getAttribute(name) !== to.attributes[i].value) { from.setAttribute(name, to.attributes[i].value); }
    }
  }

  function find(node, wanted) {
    while (node && !same(node, wanted)) { node = node.nextSibling; }
    return node;
  }

  // What is said of an act that goes on stays, and what came of it until the server has something new to say.
  function holds(from, to) {
    var held = from.nodeType === 1 && from.getAttribute("data-to-held");
    return held === "going" || (held === "said" && (!to.firstElementChild || to.textContent === from.getAttribute("data-to-was")));
  }

  function morph(from, to) {
    // What the server says is as it was drawn is sent without its content.
    if (to.nodeType === 1 && to.hasAttribute("data-to-same")) { return; }
    if (from.isEqualNode(to)) { return; }
    if (holds(from, to)) { return; }
    if (from.nodeType !== 1) {
      if (from.nodeValue !== to.nodeValue) { from.nodeValue = to.nodeValue; }
      return;
    }
    attributes(from, to);
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(from.nodeName)) {
      if (from !== document.activeElement && from.type === "hidden") { from.value = to.getAttribute("value") || ""; }
      if (from.nodeName !== "SELECT") { return; }
    }
    var old = from.firstChild;
    var next = to.firstChild;
    while (next) {
      var following = next.nextSibling;
      var match = old && same(old, next) ? old : key(next) ? find(old, next) : null;
      if (match) {
        if (match !== old) { from.insertBefore(match, old); } else { old = old.nextSibling; }
        morph(match, next);
      } else {
        from.insertBefore(document.importNode(next, true), old);
      }
      next = following;
    }
    while (old) {
      var gone = old;
      old = old.nextSibling;
      from.removeChild(gone);
    }
  }

  tenantOps.parse = function (html) {
    var holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content;
  };

  tenantOps.morph = morph;

  // Replaces what is inside `root` by `html`.
  tenantOps.fill = function (root, html) {
    var next = root.cloneNode(false);
    next.appendChild(tenantOps.parse(html));
    morph(root, next);
  };
}());
