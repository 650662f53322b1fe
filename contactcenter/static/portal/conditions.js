"use strict";
// Puts rows (variable, comparison, value) in the place of a branch's lines of text, and writes them back
// into the same textarea as JSON. Without this file the lines of text are the form.
{
    let page = null; // what there is to choose from, see routing/admin/condition_widget.py
    let ids = 0;

    const make = (tag, properties = {}, ...children) => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(properties)) {
            if (name in element) element[name] = value;
            else element.setAttribute(name, value);
        }
        element.append(...children);
        return element;
    };
    const button = (text, className, onclick, label = text) =>
        make("button", {type: "button", className, onclick, "aria-label": label}, text);
    const option = (value, label, selected) => make("option", {value, selected}, label);
    const entryOf = (name) => page.entries.find((entry) => entry.name === name);
    const operatorsFor = (entry) => page.operators.filter((operator) => !entry || operator.types.includes(entry.type));
    const operandOf = (slug) => page.operators.find((operator) => operator.slug === slug)?.operand ?? "one";
    const asText = (value) => (value === true ? "yes" : value === false ? "no" : String(value ?? ""));

    // Value editors: each gives {elements, read}. What does not fit is sent as it is, for the server to name.
    const inputType = (entry) => ({number: "number", money: "number", date: "date"})[entry?.type] ?? "text";

    function single(entry, value, label) {
        const choices = entry?.type === "yes_no" ? [["yes", page.words.yes], ["no", page.words.no]] : entry?.choices;
        const text = asText(value);
        if (choices) {
            const select = make("select", {"aria-label": label}, option("", page.words.choose, !text),
                ...choices.map(([slug, words]) => option(slug, words, slug === text)));
            if (text && !choices.some(([slug]) => slug === text)) select.append(option(text, text, true));
            return {elements: [select], read: () => select.value};
        }
        const input = make("input", {type: inputType(entry), value: text, "aria-label": label});
        if (input.type === "number") input.step = "any";
        return {elements: [input, ...suggestions(entry, input)], read: () => input.value.trim()};
    }

    function suggestions(entry, input) {
        if (!entry?.known?.length || input.type !== "text") return [];
        const list = make("datalist", {id: `known-${ids++}`},
            ...entry.known.map(([value, words]) => make("option", {value}, words)));
        input.setAttribute("list", list.id);
        return [list];
    }

    function ticks(choices, chosen, label) {
        const boxes = choices.map(([value, words]) => {
            const box = make("input", {type: "checkbox", value, checked: chosen.includes(value)});
            return [box, make("label", {}, box, ` ${words}`)];
        });
        const set = make("div", {className: "condition-ticks", role: "group", "aria-label": label},
            ...boxes.map(([, words]) => words));
        return {elements: [set], read: () => boxes.filter(([box]) => box.checked).map(([box]) => box.value)};
    }

    // A value that holds a comma stands in quotes, as in the lines of text.
    const quoted = (item) => (/[",]/.test(item) ? `"${item.replaceAll('"', '""')}"` : item);
    const items = (text) => (text.match(/\s*"(?:[^"]|"")*"|[^,]+/g) ?? [])
        .map((item) => item.trim())
        .map((item) => (item.startsWith('"') ? item.slice(1, -1).replaceAll('""', '"') : item))
        .filter(Boolean);

    function many(entry, value) {
        const chosen = (Array.isArray(value) ? value : [value]).map(asText).filter(Boolean);
        if (entry?.choices) {
            const strangers = chosen.filter((item) => !entry.choices.some(([slug]) => slug === item));
            return ticks([...entry.choices, ...strangers.map((item) => [item, item])], chosen, page.words.values);
        }
        const input = make("input", {
            type: "text", value: chosen.map(quoted).join(", "), placeholder: page.words.several,
            "aria-label": `${page.words.values}, ${page.words.several}`, className: "condition-wide",
        });
        return {elements: [input, ...suggestions(entry, input)], read: () => items(input.value)};
    }

    function two(entry, value) {
        const [from, to] = Array.isArray(value) ? value : [];
        const lowest = single(entry, from, page.words.lowest);
        const highest = single(entry, to, page.words.highest);
        return {elements: [...lowest.elements, ` ${page.words.and} `, ...highest.elements],
            read: () => [lowest.read(), highest.read()]};
    }

    function timeWindow(value) {
        const held = value && typeof value === "object" && !Array.isArray(value) ? value : {days: [0, 1, 2, 3, 4]};
        const days = ticks(page.days.map((day, number) => [String(number), day]), (held.days ?? []).map(String),
            page.words.values);
        const begins = make("input", {type: "time", value: held.from ?? "09:00", "aria-label": page.words.from});
        const ends = make("input", {type: "time", value: held.until ?? "18:00", "aria-label": page.words.until});
        return {elements: [...days.elements, ` ${page.words.from} `, begins, ` ${page.words.until} `, ends],
            read: () => ({days: days.read().map(Number), from: begins.value, until: ends.value})};
    }

    function editorFor(entry, operator, value) {
        switch (operandOf(operator)) {
            case "none": return {elements: [], read: () => undefined};
            case "many": return many(entry, value);
            case "two": return two(entry, value);
            case "window": return timeWindow(value);
            default: return single(entry, Array.isArray(value) ? value[0] : value, page.words.value);
        }
    }

    function variableSelect(chosen) {
        const select = make("select", {"aria-label": page.words.variable, className: "condition-variable"},
            option("", page.words.choose, !chosen));
        const groups = new Map();
        for (const entry of page.entries) {
            if (!groups.has(entry.group)) groups.set(entry.group, make("optgroup", {label: entry.group}));
            groups.get(entry.group).append(option(entry.name, entry.label, entry.name === chosen));
        }
        select.append(...groups.values());
        if (chosen && !entryOf(chosen)) select.append(option(chosen, chosen, true));
        return select;
    }

    class Row {
        constructor(widget, condition) {
            this.variable = variableSelect(condition.variable);
            this.operator = make("select", {"aria-label": page.words.operator, className: "condition-operator"});
            this.value = make("span", {className: "condition-value"});
            this.element = make("div", {className: "condition-row", role: "group", "aria-label": page.words.condition},
                this.variable, this.operator, this.value);
            this.showOperators(condition.operator);
            this.showValue(condition.value);
            this.variable.onchange = () => {
                this.showOperators(this.operator.value);
                this.showValue("");
                widget.store();
            };
            this.operator.onchange = () => {
                this.showValue(this.editor.read());
                widget.store();
            };
        }

        showOperators(chosen) {
            const operators = operatorsFor(entryOf(this.variable.value));
            this.operator.replaceChildren(
                ...operators.map(({slug, label}) => option(slug, label, slug === chosen)));
        }

        showValue(value) {
            this.editor = editorFor(entryOf(this.variable.value), this.operator.value, value);
            this.value.replaceChildren(...this.editor.elements);
        }

        read() {
            return {variable: this.variable.value, operator: this.operator.value, value: this.editor.read()};
        }
    }

    class Conditions {
        constructor(text) {
            this.text = text;
            const label = document.querySelector(`label[for="${text.id}"]`)?.textContent.replace(/:$/, "") ?? "";
            this.element = make("div", {className: "conditions", role: "group", "aria-label": label});
            this.groups = JSON.parse(text.dataset.groups).map(
                (group) => group.map((condition) => new Row(this, condition)));
            text.hidden = true;
            text.after(this.element);
            for (const event of ["input", "change"]) this.element.addEventListener(event, () => this.store());
            this.show();
        }

        show() {
            const {words} = page;
            const parts = this.groups.flatMap((rows, number) => [
                ...(number ? [make("div", {className: "condition-or"}, words.or)] : []),
                make("div", {className: "condition-group", role: "group", "aria-label": `${words.group} ${number + 1}`},
                    ...rows.map((row, place) => {
                        const label = `${words.remove}: ${words.group} ${number + 1}, ${words.condition} ${place + 1}`;
                        row.element.querySelector(".condition-remove")?.remove();
                        row.element.append(button("×", "condition-remove", () => this.remove(rows, row), label));
                        return row.element;
                    }),
                    button(words.add_row, "condition-add", () => this.add(rows))),
            ]);
            const empty = this.groups.length === 0;
            if (empty) parts.push(make("span", {className: "condition-everybody"}, words.everybody));
            this.addGroup = button(empty ? words.first : words.add_group, "condition-add", () => this.add(null));
            this.element.replaceChildren(...parts, this.addGroup);
        }

        add(rows) {
            const row = new Row(this, {});
            if (rows) rows.push(row);
            else this.groups.push([row]);
            this.show();
            this.store();
            row.variable.focus();
        }

        remove(rows, row) {
            rows.splice(rows.indexOf(row), 1);
            this.groups = this.groups.filter((group) => group.length);
            this.show();
            this.store();
            (rows.at(-1)?.variable ?? this.addGroup).focus();
        }

        store() {
            this.text.value = JSON.stringify(this.groups.map((rows) => rows.map((row) => row.read())));
        }
    }

    const start = (root) => {
        for (const text of root.querySelectorAll("textarea.conditions-text[data-groups]")) {
            if (!text.name.includes("__prefix__") && !text.hidden) new Conditions(text);
        }
    };
    document.addEventListener("DOMContentLoaded", () => {
        const source = document.getElementById("conditions-catalogue");
        if (!source) return;
        page = JSON.parse(source.textContent);
        start(document);
        document.addEventListener("formset:added", (event) => start(event.target));
    });
}
