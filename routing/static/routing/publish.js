// The publish page: ticks all or none, and looks again at what is ticked each time that changes.
// Without this file the button "Check what is ticked" does so.
"use strict";

(() => {
  const form = document.getElementById("publish");
  const boxes = [...form.querySelectorAll("input[name=tick]:not(:disabled)")];
  const LOOKED_AT_AGAIN = ["checked", "ways"];
  let asked = 0;

  async function check() {
    const mine = ++asked;
    const sent = new FormData(form);
    sent.set("check", "again");
    const answer = await fetch(form.action, { method: "POST", body: sent }).catch(() => null);
    if (!answer) return; // no network: the server checks again before it publishes
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return; // a later tick is under way
    const isTheSame = (name) =>
      page.querySelector(`#publish [name=${name}]`)?.value === form.elements[name].value;
    if (!answer.ok || !isTheSame("seen") || !isTheSame("live")) {
      // The draft, the live release or the login is another one: the whole page says so.
      form.requestSubmit(form.querySelector("[name=check]"));
      return;
    }
    for (const id of LOOKED_AT_AGAIN) {
      document.getElementById(id).replaceChildren(...(page.getElementById(id)?.childNodes ?? []));
    }
  }

  for (const button of form.querySelectorAll("[data-tick]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const box of boxes) box.checked = button.dataset.tick === "all";
      check();
    });
  }
  for (const box of boxes) box.addEventListener("change", check);
})();
