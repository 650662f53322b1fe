// A CRM connection's form: “Test connection” without leaving the page, and what the mapping makes of the sample
// record while it is typed. The answers are fragments that the server has rendered and escaped. Without this file
// the buttons open a page.
"use strict";

(() => {
  const panel = document.querySelector("[data-mapping-preview]");
  if (!panel) return;

  const PAUSE_MS = 300;
  const answer = panel.querySelector("[data-answer]");
  const sample = panel.querySelector("textarea");
  const ask = panel.querySelector("[data-ask]");
  const show = panel.querySelector("[data-show]");
  const form = ask.form;
  let timer = 0;
  let latest = 0;

  async function post(url) {
    const response = await fetch(url, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "fetch" },
    });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    return response.text();
  }

  async function test() {
    ask.disabled = true;
    answer.textContent = ask.dataset.waiting;
    latest += 1;
    try {
      answer.innerHTML = await post(ask.formAction);
      const found = answer.querySelector("[data-found-sample]");
      if (found) sample.value = found.textContent;
    } catch {
      answer.textContent = ask.dataset.failed;
    } finally {
      ask.disabled = false;
    }
  }

  async function values() {
    const mine = (latest += 1);
    try {
      const text = await post(panel.dataset.mappingPreview);
      if (mine !== latest) return; // a later one is under way
      const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-values]");
      const shown = answer.querySelector("[data-values]");
      if (shown && fresh) shown.replaceWith(fresh);
      else answer.innerHTML = text;
    } catch {
      answer.textContent = ask.dataset.failed;
    }
  }

  function typed(event) {
    const name = event.target.name || "";
    const matters = event.target === sample || /^(mappings|tier_mappings)-|^(external_id_path|region)$/.test(name);
    if (!matters || !sample.value.trim()) return;
    clearTimeout(timer);
    timer = setTimeout(values, PAUSE_MS);
  }

  form.addEventListener("input", typed);
  ask.addEventListener("click", (event) => {
    event.preventDefault();
    test();
  });
  show.addEventListener("click", (event) => {
    event.preventDefault();
    values();
  });
})();
