// The reading view: turns what is selected, by mouse or keys, into the code points where a passage begins and ends.
"use strict";
{
    const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g; // one code point each, two in JavaScript's strings
    const points = (string) => string.length - (string.match(PAIRS) ?? []).length;

    const read = (text, form) => {
        const { start, end, words } = form.elements, told = document.getElementById("told");
        const whole = text.textContent, asItWas = text.innerHTML;
        let last = ""; // what was looked for in vain: the second time the server looks, for other spellings too

        // Editable, so that the browser shows its caret and selects by keys; and every edit is refused.
        text.contentEditable = "true";
        for (const edit of ["beforeinput", "paste", "cut", "drop", "dragstart"]) {
            text.addEventListener(edit, (event) => event.preventDefault());
        }
        text.addEventListener("input", () => { text.innerHTML = asItWas; }); // what can't be refused is undone

        const lengthBefore = (node, offset) => {
            const range = document.createRange();
            range.setStart(text, 0);
            range.setEnd(node, offset);
            return range.toString().length;
        };
        const place = (at) => {
            const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
            let node = nodes.nextNode(), before = 0;
            while (node && before + node.length < at) {
                before += node.length;
                node = nodes.nextNode();
            }
            return [node, at - before];
        };
        const choose = (from, to) => { // in JavaScript's units
            start.value = points(whole.slice(0, from));
            end.value = Number(start.value) + points(whole.slice(from, to));
            told.textContent = `${told.dataset.chosen}: ${start.value}–${end.value} \u2068“${whole.slice(from, to).slice(0, 60).replace(/[\u202a-\u202e\u2066-\u2069]/g, (sign) => `\\u${sign.codePointAt(0).toString(16)}`)}${to - from > 60 ? "…" : ""}”\u2069`;
            const range = document.createRange();
            range.setStart(...place(from + 1).map((part, i) => (i ? part - 1 : part)));
            range.setEnd(...place(to));
            globalThis.CSS?.highlights?.set("chosen", new Highlight(range));
            return range;
        };
        document.addEventListener("selectionchange", () => {
            const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
            if (!range || range.collapsed || !text.contains(range.commonAncestorContainer)) {
                return;
            }
            const from = lengthBefore(range.startContainer, range.startOffset);
            const passage = whole.slice(from, lengthBefore(range.endContainer, range.endOffset));
            if (passage.trim()) { // spaces at its ends came along with the last word
                const lead = passage.length - passage.trimStart().length;
                choose(from + lead, from + lead + passage.trim().length);
            }
        });
        const show = (from, to) => {
            const range = choose(from, to);
            getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
            (range.startContainer.parentElement === text ? null : range.startContainer.parentElement)?.scrollIntoView({ block: "center" });
            scrollBy({ top: range.getBoundingClientRect().top - innerHeight / 2 });
            form.querySelector("button[name=do]").focus({ preventScroll: true });
        };
        text.addEventListener("keydown", (event) => {
            if (event.key === "Enter" && start.value) {
                event.preventDefault(); // else the same key would press the button
                form.querySelector("button[name=do]").focus({ preventScroll: true });
            }
        });
        form.addEventListener("submit", (event) => {
            const sought = words.value.trim();
            if (event.submitter?.id !== "find" || !sought || sought === last) {
                return;
            }
            event.preventDefault();
            const after = end.value ? whole.indexOf(sought, units(whole, Number(end.value))) : -1;
            const at = after >= 0 ? after : whole.indexOf(sought);
            if (at >= 0) {
                show(at, at + sought.length);
            } else {
                last = sought;
                told.textContent = told.dataset.none;
            }
        });
        text.addEventListener("click", (event) => {
            const quotes = event.target.closest("mark")?.title.split(", ") ?? [];
            for (const item of document.querySelectorAll("aside li[data-quote]")) {
                item.classList.toggle("shown", getSelection().isCollapsed && quotes.includes(item.dataset.quote));
            }
            document.querySelector("aside li.shown")?.scrollIntoView({ block: "nearest" });
        });
        if (start.value && end.value) {
            show(units(whole, Number(start.value)), units(whole, Number(end.value)));
        }
    };
    const units = (string, count) => { // of JavaScript, in the first `count` code points
        let at = 0;
        for (let i = 0; i < count && at < string.length; i += 1) {
            at += string.codePointAt(at) > 0xffff ? 2 : 1;
        }
        return at;
    };

    const text = document.getElementById("text"), form = document.getElementById("offers");
    if (text && form) {
        read(text, form);
    }

    // The form for a passage: a statement that is chosen brings its next reference along, unless another was typed.
    const ref = document.querySelector("input[data-proposed]");
    document.addEventListener("change", (event) => {
        const proposed = ref && JSON.parse(ref.dataset.proposed);
        if (proposed && event.target.name === "commitment-offered" && ["", ...Object.values(proposed)].includes(ref.value)) {
            ref.value = proposed[event.target.value] ?? "";
        }
    });
}
