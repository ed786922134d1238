// One poller a page: asks for the state with an ETag, waits with jitter, backs off, rests in hidden tabs, says how old the picture is.
(function () {
  "use strict";

  var tenantOps = (window.tenantOps = window.tenantOps || {});
  var SLOWEST = 60;
  // After somebody acted: seconds until the first question, by how much each pause is longer, and milliseconds that it lasts.
  var CLOSE = 0.3;
  var LONGER = 1.5;
  var FOLLOWED = 15000;

  // The project and region that this page was made for: every question says so, and is refused once that is over.
  tenantOps.headers = function () {
    var page = document.querySelector("[data-to-page]");
    return { "X-Requested-With": "XMLHttpRequest", "X-Tenant-Ops-Page": page ? page.getAttribute("data-to-page") : "" };
  };

  // The same address, but that it ends at this very view with what is open on it.
  function backHere(href) {
    var address = new URL(href, window.location.href);
    var next = address.searchParams.get("next");
    if (next !== null) {
      address.searchParams.set("next", next.indexOf("next=") < 0 ? window.location.pathname + window.location.search : backHere(next));
    }
    return address.pathname + address.search;
  }

  function way(href, words) {
    var link = document.createElement("a");
    link.className = "btn btn-default";
    link.href = backHere(href);
    link.textContent = words;
    return link;
  }

  // What this page was for is over: another project, or no login any more. It says so above everything, with the way back.
  tenantOps.ended = function (sentence, more, ways) {
    var note = document.querySelector("[data-to-ended]");
    if (!note) { window.location.reload(); return; }
    note.querySelector("[data-to-ended-words]").textContent = sentence;
    note.querySelector("[data-to-ended-more]").textContent = more || "";
    var place = note.querySelector("[data-to-ended-ways]");
    place.textContent = "";
    ways.forEach(function (one) { place.appendChild(way(one[0], one[1])); });
    note.hidden = false;
    document.getElementById("tenant-ops").classList.add("is-stale");
  };

  tenantOps.loggedOut = function () {
    var note = document.querySelector("[data-to-ended]");
    if (!note) { window.location.reload(); return; }
    tenantOps.ended(note.getAttribute("data-to-logged-out"), "",
      [[note.getAttribute("data-to-login") + "?next=", note.getAttribute("data-to-log-in")]]);
  };

  function goesOn() {
    var note = document.querySelector("[data-to-ended]");
    if (note && !note.hidden) {
      note.hidden = true;
      document.getElementById("tenant-ops").classList.remove("is-stale");
    }
    return false;
  }

  // Whether an answer says that the page is over; the page shows it, and no longer once an answer says otherwise.
  tenantOps.isEnded = function (response) {
    if (response.status === 401) { tenantOps.loggedOut(); return Promise.resolve(true); }
    if (response.status !== 409) { return Promise.resolve(goesOn()); }
    return response.clone().json().then(function (answer) {
      if (!answer.belongs) { return false; }
      tenantOps.ended(answer.sentence, answer.todo, answer.ways || []);
      return true;
    }, function () { return false; });
  };

  function Live(root) {
    this.root = root;
    root.tenantOpsLive = this;
    this.etag = root.getAttribute("data-to-etag");
    this.failures = 0;
    this.again = 0;
    this.closely = 0;
    this.pause = CLOSE;
    this.timer = null;
    this.heard = Date.now();
    this.asking = null;
    this.over = false;
    this.sentAt = 0;
  }

  // What was told from a state that is some seconds old is asked again so much sooner: the server says when.
  Live.prototype.every = function () {
    var seconds = this.again || parseFloat(this.root.getAttribute("data-to-every")) || 10;
    if (Date.now() >= this.closely) { return seconds; }
    this.pause *= LONGER;
    return Math.min(seconds, this.pause / LONGER);
  };

  // After an act of this reader: at once, and more often until what was asked for is seen.
  Live.prototype.follow = function () {
    this.closely = Date.now() + FOLLOWED;
    this.pause = CLOSE;
    return this.ask();
  };

  Live.prototype.plan = function () {
    var seconds = Math.min(SLOWEST, this.every() * Math.pow(2, this.failures));
    window.clearTimeout(this.timer);
    if (!document.hidden && !this.over) {
      this.timer = window.setTimeout(this.ask.bind(this), seconds * (850 + 300 * Math.random()));
    }
  };

  Live.prototype.ask = function () {
    var self = this;
    var late;
    window.clearTimeout(this.timer);
    if (this.asking) { this.asking.abort(); }
    var asking = (this.asking = new AbortController());
    var headers = tenantOps.headers();
    if (this.etag) { headers["If-None-Match"] = this.etag; }
    late = window.setTimeout(function () { asking.abort("late"); }, 45000);
    return fetch(this.root.getAttribute("data-to-live"), { headers: headers, cache: "no-store", credentials: "same-origin", signal: asking.signal })
      .then(function (response) {
        return tenantOps.isEnded(response).then(function (over) {
          self.again = 0;
          if (over) { self.over = true; return null; }
          if (self.over) { window.location.reload(); return null; }
          return self.take(response);
        });
      })
      .catch(function (error) { if (asking === self.asking && !document.hidden) { self.stale(""); } return error; })
      .then(function () {
        window.clearTimeout(late);
        if (asking === self.asking) { self.asking = null; self.plan(); }
      });
  };

  // While an edit is on its way nothing older may come and draw over it.
  Live.prototype.rest = function () {
    window.clearTimeout(this.timer);
    if (this.asking) { this.asking.abort(); this.asking = null; }
    this.etag = null;
  };

  Live.prototype.take = function (response) {
    var self = this;
    this.again = parseFloat(response.headers.get("X-Tenant-Ops-Again")) || 0;
    if (response.status === 304) { this.fresh(response); auto(this); return null; }
    if (response.headers.get("X-Tenant-Ops-Next")) {
      window.location.assign(response.headers.get("X-Tenant-Ops-Next"));
      return null;
    }
    if (response.status === 200) {
      return response.text().then(function (html) {
        var next = tenantOps.parse(html).querySelector("[data-to-live]");
        if (!next) { window.location.reload(); return; }
        self.etag = response.headers.get("ETag");
        tenantOps.morph(self.root, next);
        self.fresh(response);
        auto(self);
      });
    }
    return response.json().catch(function () { return {}; }).then(function (answer) { self.stale(answer.sentence || ""); });
  };

  Live.prototype.fresh = function (response) {
    this.failures = 0;
    this.heard = Date.now();
    var words = response.headers.get("X-Tenant-Ops-As-Of");
    var said = words && decodeURIComponent(words);
    this.root.querySelectorAll("[data-to-asof]").forEach(function (place) {
      if (said && place.textContent !== said) { place.textContent = said; }
    });
    if (response.headers.get("X-Tenant-Ops-Stale") !== "1") { this.grey(false, ""); }
  };

  Live.prototype.stale = function (sentence) {
    this.failures = Math.min(this.failures + 1, 5);
    // The next good answer must be a whole one: it takes the grey away.
    this.etag = null;
    this.again = 0;
    this.grey(true, sentence);
  };

  Live.prototype.grey = function (stale, sentence) {
    var note = this.root.querySelector("[data-to-stale]");
    this.root.classList.toggle("is-stale", stale);
    if (note) {
      note.hidden = !stale;
      if (stale) { note.querySelector("[data-to-stale-words]").textContent = sentence || note.getAttribute("data-to-silent"); }
    }
  };

  // A form that the page wants sent by itself, such as the packets of proofs: once, until it is wanted anew. One that is
  // wanted `again` is sent as long as it is there, no sooner than the page asks for news.
  function auto(live) {
    var form = live.root.querySelector("[data-to-auto]");
    var again = form && form.getAttribute("data-to-auto") === "again";
    var pause = 1000 * parseFloat(live.root.getAttribute("data-to-every"));
    if (!form || (live.sent && !again)) { live.sent = !!form; return; }
    if (live.sending || (again && Date.now() - live.sentAt < pause)) { return; }
    live.sent = live.sending = true;
    live.sentAt = Date.now();
    fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: tenantOps.headers(),
      credentials: "same-origin"
    }).then(function () { live.sending = false; live.ask(); }, function () { live.sending = false; live.plan(); });
  }

  function tick() {
    document.querySelectorAll("[data-to-tick]").forEach(function (place) {
      var said = place.getAttribute("data-to-tick");
      if (place.tenantOpsSaid !== said) { place.tenantOpsSaid = said; place.tenantOpsSince = Date.now(); }
      var seconds = Math.floor(parseFloat(said) + (Date.now() - place.tenantOpsSince) / 1000);
      var words = seconds < 60 ? seconds + " s" : Math.floor(seconds / 60) + " min" + (seconds % 60 ? " " + (seconds % 60) + " s" : "");
      if (place.textContent !== words) { place.textContent = words; }
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var pollers = Array.prototype.map.call(document.querySelectorAll("[data-to-live]"), function (root) { return new Live(root); });
    pollers.forEach(function (live) {
      // A page that was opened with what was known, or with nothing, asks at once.
      if (live.root.hasAttribute("data-to-first")) { live.ask(); } else { live.plan(); }
      auto(live);
    });
    document.addEventListener("visibilitychange", function () {
      pollers.forEach(function (live) {
        if (document.hidden) { window.clearTimeout(live.timer); } else { live.ask(); }
      });
    });
    if (pollers.length) { window.setInterval(tick, 1000); }
  });

  tenantOps.Live = Live;
}());
