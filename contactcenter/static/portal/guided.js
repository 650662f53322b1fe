// Keeps what was typed whenever a field is left, so that a closed page or an expired login loses nothing.
"use strict";

(() => {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  // Requests may overtake each other: each says whose turn it is, and an older one takes nothing back.
  const turn = form.elements.turn;
  const drawn = turn.value.split(".")[0];
  let sent = 0;
  const takeTurn = () => {
    turn.value = `${drawn}.${++sent}`;
  };
  form.addEventListener("submit", takeTurn);
  form.addEventListener("change", (event) => {
    if (event.target.type === "file") return;
    takeTurn();
    const typed = new FormData(form);
    typed.delete("file");
    typed.set("go", form.dataset.keep);
    fetch(form.action, { method: "POST", body: typed, credentials: "same-origin", keepalive: true }).catch(() => {});
  });
})();
