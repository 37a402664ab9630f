// Signs in without another click; who has no scripts presses the button.
document.getElementById("sign-in").requestSubmit();
