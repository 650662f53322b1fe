// The login in the other tab has changed the token that goes with a form: this one takes the new one.
document.querySelectorAll("form[data-send-again]").forEach((form) => {
    form.addEventListener("submit", () => {
        const token = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
        if (token) form.elements.csrfmiddlewaretoken.value = token[1];
    });
});
