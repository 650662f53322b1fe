// A data source's form: an input for each variable that its templates use, and “Ask now” without leaving the page.
// The answer is a fragment that the server has rendered and escaped. Without this file the button opens a page.
"use strict";

(() => {
  const panel = document.querySelector("[data-live-preview]");
  if (!panel) return;

  const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+)\}/g;
  const samples = panel.querySelector("[data-samples]");
  const button = panel.querySelector("[data-ask]");
  const answer = panel.querySelector("[data-answer]");
  const templates = ["id_url", "id_body"].map((id) => document.getElementById(id)).filter(Boolean);
  const rows = new Map();

  for (const input of samples.querySelectorAll("input")) {
    rows.set(input.name.slice("sample:".length), input.closest(".form-row"));
  }

  function row(name) {
    const input = document.createElement("input");
    Object.assign(input, { type: "text", className: "vTextField", maxLength: 200, id: `sample:${name}`, name: `sample:${name}` });
    const label = document.createElement("label");
    const code = document.createElement("code");
    code.textContent = name;
    label.htmlFor = input.id;
    label.append(`${samples.dataset.label} `, code, ":");
    const line = document.createElement("div");
    line.className = "flex-container";
    line.append(label, input);
    const made = document.createElement("div");
    made.className = "form-row";
    made.append(line);
    return made;
  }

  function follow() {
    const used = new Set(templates.flatMap((field) => [...field.value.matchAll(PLACEHOLDER)].map((match) => match[1])));
    for (const name of used) if (!rows.has(name)) rows.set(name, row(name));
    samples.replaceChildren(...[...used].sort().map((name) => rows.get(name)));
  }

  async function ask() {
    button.disabled = true;
    answer.textContent = button.dataset.waiting;
    try {
      const response = await fetch(button.formAction, {
        method: "POST",
        body: new FormData(button.form),
        headers: { "X-Requested-With": "fetch" },
      });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      answer.innerHTML = await response.text();
    } catch {
      answer.textContent = button.dataset.failed;
    } finally {
      button.disabled = false;
    }
  }

  for (const field of templates) field.addEventListener("input", follow);
  samples.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter in a sample asks; it must not save the form
    ask();
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    ask();
  });
  follow();
})();
