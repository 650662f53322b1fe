// Hides the fields that the choice they hang on has no use for. Without this file all of them are there,
// and the server looks only at those that belong to the choice.
"use strict";

(() => {
  const dependent = [...document.querySelectorAll("[data-shown-for]")];
  const chooser = (field) => document.getElementById(`id_${field.dataset.shownBy}`);
  // What holds radio buttons has no value of its own.
  const chosen = (control) =>
    control.type === "checkbox" ? String(control.checked) : control.value ?? control.querySelector(":checked")?.value ?? "";

  function fits(wanted, control) {
    if (control.closest("[hidden]")) return false; // it hangs on a choice of its own
    return wanted === "*" ? chosen(control) !== "" : wanted.split(" ").includes(chosen(control));
  }

  function follow() {
    for (const field of dependent) {
      // Of several on a line, each stands in a box of its own, its help beside it.
      const row = field.closest(".fieldBox")?.parentElement ?? field.closest(".form-row") ?? field;
      const control = chooser(field);
      // What is wrong stays in sight.
      if (row && control) row.hidden = !fits(field.dataset.shownFor, control) && !row.querySelector(".errorlist");
    }
  }

  for (const control of new Set(dependent.map(chooser).filter(Boolean))) {
    control.addEventListener("change", follow);
    control.addEventListener("input", follow);
  }
  follow();
})();
