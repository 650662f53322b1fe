"use strict";
// On the page of a provider account: what the chosen provider can do, and only the fields that count for it.
{
    const chooser = document.getElementById("id_dialect");
    const blocks = [...document.querySelectorAll("[data-dialect]")];
    const rowOf = (name) => document.querySelector(`.form-row.field-${name}`);

    function show() {
        const chosen = blocks.find((block) => block.dataset.dialect === chooser.value);
        for (const block of blocks) block.hidden = block !== chosen;
        const used = chosen ? chosen.dataset.uses.split(" ") : null;
        const rows = (blocks[0]?.dataset.fields ?? "").split(" ").map((name) => [name, rowOf(name)]);
        for (const [name, row] of rows) {
            // What is wrong stays in sight.
            if (row) row.hidden = used !== null && !used.includes(name) && !row.querySelector(".errorlist");
        }
        for (const part of new Set(rows.map(([, row]) => row?.closest("fieldset")))) {
            if (part) part.hidden = [...part.querySelectorAll(".form-row")].every((row) => row.hidden);
        }
    }

    if (chooser) {
        chooser.addEventListener("change", show);
        show();
    }
}
