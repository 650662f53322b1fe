// Keeps what was typed whenever a field is left, so that a closed page or an expired login loses nothing.
"use strict";

(() => {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  form.addEventListener("change", (event) => {
    if (event.target.type === "file") return;
    const typed = new FormData(form);
    typed.delete("file");
    typed.set("go", form.dataset.keep);
    fetch(form.action, { method: "POST", body: typed, credentials: "same-origin", keepalive: true }).catch(() => {});
  });
})();
