"use strict";
// On the page of a phone system: what is usual for the chosen kind, said and filled in when the kind changes.
{
    const chooser = document.getElementById("id_kind");
    const blocks = [...document.querySelectorAll("[data-kind]")];
    const filled = { learns_by: "learns_by", statistics_by: "statistics_by", outcomes_by: "statistics_by" };

    function show() {
        for (const block of blocks) block.hidden = block.dataset.kind !== chooser.value;
        return blocks.find((block) => !block.hidden);
    }

    function fill() {
        const usual = show();
        if (!usual) return;
        const atOnce = document.getElementById("id_answers_at_once");
        atOnce.checked = usual.dataset.answers_at_once === "True";
        atOnce.dispatchEvent(new Event("change")); // for the fields that hang on it
        for (const [name, from] of Object.entries(filled)) {
            document.getElementById(`id_${name}`).value = usual.dataset[from];
        }
    }

    if (chooser) {
        chooser.addEventListener("change", fill);
        const isNew = !document.querySelector(".field-slug .readonly");
        if (isNew && !document.querySelector(".errornote")) fill();
        else show();
    }
}
