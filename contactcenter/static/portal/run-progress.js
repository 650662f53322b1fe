// A sync run's page: shows how far it is every two seconds, and loads itself again when the run has ended.
"use strict";

(() => {
  const EVERY_MS = 2000;

  const panel = document.querySelector("[data-progress]");
  if (!panel) return;
  const field = (name) => panel.querySelector(`[data-field="${name}"]`);

  function write(name, text) {
    const place = field(name);
    if (place && place.textContent !== text) place.textContent = text; // only what changed is read aloud
  }

  function show(progress) {
    write("words", progress.words);
    write("rate", progress.rate);
    write("remaining", progress.remaining);
    for (const [name, figure] of Object.entries(progress.figures)) write(name, figure);
    const bar = field("share");
    bar.hidden = progress.share === null;
    if (progress.share !== null) bar.value = progress.share;
  }

  async function look() {
    try {
      const response = await fetch(panel.dataset.progress, { headers: { Accept: "application/json" } });
      if (!response.ok || response.redirected) return; // logged out: the page stays as it is
      const progress = await response.json();
      if (progress.finished) return void location.reload();
      show(progress);
    } catch {
      // The portal restarts, say: look again.
    }
    setTimeout(look, EVERY_MS);
  }

  setTimeout(look, EVERY_MS);
})();
