// Shows the definition of the code that is chosen below its list; gives each box for records its label: also in rows added later.
// A form that came back begins at its first fault.
"use strict";
document.addEventListener("change", (event) => {
    const box = event.target.closest("select.code")?.parentElement;
    if (box) {
        box.querySelector(".definition").textContent = event.target.selectedOptions[0]?.title ?? "";
    }
});

addEventListener("load", () => { // after the form's own first field took the focus
    document.querySelector(".errors :is(input, select, textarea):not([type=hidden])")?.focus();
});

{
    const $ = globalThis.django?.jQuery;
    const labelOf = (select) => {
        const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
        if (label) {
            label.id ||= `${select.id}_label`;
        }
        return label;
    };
    const name = (select) => { // what select2 draws in a list's place is named by what is chosen, and so by nothing at first
        const label = labelOf(select), drawn = select.nextElementSibling;
        if (!label || !drawn?.matches(".select2")) {
            return;
        }
        const shown = drawn.querySelector(".select2-selection__rendered");
        drawn.querySelector("[role=combobox]").setAttribute("aria-labelledby", `${label.id} ${shown.id}`.trim());
        drawn.querySelector("[role=textbox], .select2-search__field").setAttribute("aria-labelledby", label.id);
    };
    const nameAll = (part) => part.querySelectorAll("select.admin-autocomplete").forEach(name);
    if ($) { // ready, and told of new rows, after the script that draws them
        $(() => nameAll(document));
        document.addEventListener("formset:added", (event) => nameAll(event.target));
        $(document).on("select2:open", (event) => {
            const drawn = event.target.nextElementSibling.querySelector("[role=combobox]");
            drawn.setAttribute("aria-controls", drawn.getAttribute("aria-owns") ?? "");
            const field = document.querySelector(".select2-container--open .select2-dropdown .select2-search__field");
            field?.setAttribute("aria-label", labelOf(event.target)?.textContent.replace(/:\s*$/, "") ?? "");
        });
    }
}
