// Shows the definition of the code that is chosen below its list, also in rows that are added later.
"use strict";
document.addEventListener("change", (event) => {
    const box = event.target.closest("select.code")?.parentElement;
    if (box) {
        box.querySelector(".definition").textContent = event.target.selectedOptions[0]?.title ?? "";
    }
});
