// The form for an assessment: shows what follows from it as it is filled in; the server works it out, as for its button.
"use strict";
{
    const form = document.getElementById("assess_form");
    let asked, waiting;

    const follow = async () => {
        asked?.abort(); // an older question's answer would be out of date
        asked = new AbortController();
        const body = new FormData(form);
        body.set("_follow", "1");
        try {
            const answer = await fetch(location.href, { method: "POST", body, signal: asked.signal });
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            const shown = page.getElementById("follows");
            if (answer.ok && shown) {
                document.getElementById("follows").replaceChildren(...shown.childNodes);
            }
        } catch (error) {
            if (error.name !== "AbortError") { // the button still works
                throw error;
            }
        }
    };
    const soon = (event) => {
        if (event.target.closest("#follows") || event.target.name === "reason") {
            return;
        }
        clearTimeout(waiting);
        waiting = setTimeout(follow, 300);
    };
    if (form) {
        django.jQuery(form).on("change", soon); // hears the inputs for records, too, which only tell jQuery
        if (form.querySelector("input[name='assessment-status']:checked")) {
            follow();
        }
    }
}
