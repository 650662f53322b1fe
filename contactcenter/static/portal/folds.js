// Opens what is folded in a row where somebody has filled something in, or where it can only be read.
"use strict";

const isFilled = (control) => (control.type === "checkbox" ? control.checked : control.value !== "");

for (const part of document.querySelectorAll(".inline-related:not(.empty-form) details")) {
  const controls = [...part.querySelectorAll("input, select, textarea")].filter((each) => !each.disabled);
  part.open ||= part.querySelector(".readonly") !== null || controls.some(isFilled);
}
