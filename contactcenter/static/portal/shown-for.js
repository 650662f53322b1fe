// Hides the fields that the choice above them has no use for. Without this file all of them are there,
// and the server looks only at those that belong to the choice.
"use strict";

(() => {
  const dependent = [...document.querySelectorAll("[data-shown-for]")];
  const chooser = (field) => document.getElementById(`id_${field.dataset.shownBy}`);

  function follow() {
    for (const field of dependent) {
      const row = field.closest(".form-row");
      const select = chooser(field);
      if (row && select) row.hidden = !field.dataset.shownFor.split(" ").includes(select.value);
    }
  }

  for (const select of new Set(dependent.map(chooser).filter(Boolean))) select.addEventListener("change", follow);
  follow();
})();
