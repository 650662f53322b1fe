"use strict";
// Rows that can be put in order: by drag (adminsortable2 does that), and by the two buttons that this file
// gives to every row, new ones included. When the page is sent, rows are numbered as they stand.
{
    const words = () => document.getElementById("order-words")?.dataset ?? {};
    const rowsOf = (list) => [...list.querySelectorAll(":scope > .inline-related:not(.empty-form)")];

    function move(row, step) {
        const list = row.parentElement;
        const rows = rowsOf(list);
        const other = rows[rows.indexOf(row) + step];
        if (!other) return;
        if (step < 0) other.before(row);
        else other.after(row);
        number(list);
    }

    function number(list) {
        rowsOf(list).forEach((row, place) => {
            row.querySelector("input._reorder_").value = place + 1;
        });
    }

    function equip(row) {
        const heading = row.querySelector("h3");
        if (!heading || heading.querySelector(".order-buttons")) return;
        row.classList.add("has_original"); // what adminsortable2 takes for a row that can be dragged
        const buttons = document.createElement("span");
        buttons.className = "order-buttons";
        for (const [step, sign, label] of [[-1, "↑", words().up], [1, "↓", words().down]]) {
            const button = document.createElement("button");
            Object.assign(button, {type: "button", textContent: sign, title: label});
            button.setAttribute("aria-label", label);
            button.addEventListener("click", () => {
                move(row, step);
                button.focus();
            });
            buttons.append(button);
        }
        heading.append(buttons);
    }

    document.addEventListener("DOMContentLoaded", () => {
        const lists = [...document.querySelectorAll("fieldset.sortable")];
        lists.flatMap(rowsOf).forEach(equip);
        document.addEventListener("formset:added", (event) => {
            if (event.target.closest("fieldset.sortable")) equip(event.target);
        });
        lists[0]?.closest("form").addEventListener("submit", () => lists.forEach(number));
    });
}
