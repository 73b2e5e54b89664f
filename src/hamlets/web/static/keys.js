// Keys and passkeys: asks the browser for one, and sends what it answered with the form.
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const words = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const described = (list = []) => list.map((item) => ({ ...item, id: bytes(item.id) }));

async function create({ publicKey }, alone) {
  const selection = { ...publicKey.authenticatorSelection };
  selection.residentKey = alone ? "required" : "discouraged";
  selection.requireResidentKey = alone;
  if (alone) selection.userVerification = "required";
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      authenticatorSelection: selection,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: described(publicKey.excludeCredentials),
    },
  });
  return {
    ...common(made),
    response: {
      clientDataJSON: words(made.response.clientDataJSON),
      attestationObject: words(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    },
  };
}

async function get({ publicKey }) {
  const found = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: described(publicKey.allowCredentials),
    },
  });
  const { response } = found;
  return {
    ...common(found),
    response: {
      clientDataJSON: words(response.clientDataJSON),
      authenticatorData: words(response.authenticatorData),
      signature: words(response.signature),
      userHandle: response.userHandle ? words(response.userHandle) : null,
    },
  };
}

function common(credential) {
  return {
    id: credential.id,
    rawId: words(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function answer(form) {
  const beside = form.querySelector('script[type="application/json"]');
  if (form.dataset.key === "create") {
    return create(JSON.parse(beside.textContent).creation_options, form.passwordless?.checked ?? false);
  }
  if (form.dataset.key === "get") return get(JSON.parse(beside.textContent).request_options);
  const asked = await fetch(form.action, {
    headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
  });
  if (!asked.ok) throw new Error("no answer");
  return get((await asked.json()).request_options);
}

for (const form of document.querySelectorAll("form[data-key]")) {
  const button = form.querySelector("button[type=button]");
  const problem = form.querySelector(".key-problem");
  // Enter in the box for the name does what the button does
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.click();
  });
  button.addEventListener("click", async () => {
    problem.hidden = true;
    button.disabled = true;
    try {
      form.credential.value = JSON.stringify(await answer(form));
      form.submit();
    } catch {
      // stopped by the person, too late, or no such key: the words are on the page
      problem.hidden = false;
      button.disabled = false;
    }
  });
}
