/** An address as it is typed or pasted, and as it is sent: name and password stand in it, encoded. */

export interface Typed {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Credentials end at the last `@` before the path: a password may hold one. */
const WITH_CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@(.*)$/i;

/** What was pasted as one piece, taken apart, so that no password stands readable in the field. */
export function takenApart(typed: Typed): Typed {
  const text = typed.url.trim();
  const url = text === "" || SCHEME.test(text) ? text : withScheme(text);
  const [, scheme, credentials, rest] = WITH_CREDENTIALS.exec(url) ?? [];
  if (scheme === undefined || credentials === undefined || rest === undefined) return { ...typed, url };
  const colon = credentials.indexOf(":");
  const username = colon < 0 ? credentials : credentials.slice(0, colon);
  const password = colon < 0 ? "" : credentials.slice(colon + 1);
  return { url: scheme + rest, username: decoded(username), password: decoded(password) };
}

/** The address with its credentials, for sending only. */
export function withCredentials(typed: Typed): string {
  const { url, username, password } = takenApart(typed);
  if (username === "" && password === "") return url;
  const credentials = `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)/i, (scheme) => scheme + credentials);
}

function withScheme(text: string): string {
  return text.startsWith("//") ? `rtsp:${text}` : `rtsp://${text}`;
}

/** As a camera knows it; what is no encoding stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
