/**
 * Which names say that a value is secret, and which fields of messages are kept. Fields that are not named here are never
 * kept, whatever is in them.
 *
 * @module
 */

/** Names whose values are secret wherever they stand, without case, hyphens and underscores. */
const SECRET = new Set([
  ...[
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "setcookie",
    "session",
    "sessionid",
    "sid",
    "sig",
  ],
  ...["pass", "pwd", "pin", "otp", "totp", "mfacode", "hmac", "jwt", "cvv", "cvc", "cardnumber"],
  ...[
    "accesskey",
    "accesskeyid",
    "awsaccesskeyid",
    "connectionstring",
    "dsn",
    "ssn",
    "codeverifier",
  ],
  ...[
    "assertion",
    "clientassertion",
    "samlresponse",
    "samlrequest",
    "jsessionid",
    "phpsessid",
    "csrf",
  ],
  ...[
    "xsrf",
    "nonce",
    "privatekey",
    "sshkey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "licensekey",
  ],
  ...["subscriptionkey", "functionskey", "authkey", "accountkey", "sharedkey", "storagekey"],
  ...["deploykey", "servicekey", "serverkey", "sharedaccesskey", "presharedkey", "webhookkey"],
  ...["authcode", "authorizationcode", "accesscode", "securitycode", "verificationcode", "otpcode"],
  ...[
    "pincode",
    "recoverycode",
    "backupcode",
    "mnemonic",
    "seedphrase",
    "cookie2",
    "psk",
    "oauth2bearer",
  ],
]);

/** The same of several: lists and objects of secrets, whose fields are secret one by one. */
const SECRETS =
  /(?:cookies|passwords|passphrases|secrets|apikeys|accesstokens|refreshtokens|recoverycodes|backupcodes)$/;

/** The last word of a name of several words: "db_pass", "smtpPwd". */
const SECRET_LAST = new Set([
  "pass",
  "pwd",
  "pw",
  "passwd",
  "otp",
  "jwt",
  "cvv",
  "cvc",
  "psk",
  "sid",
]);

/** Ends of such names: "password_confirmation" and "password2" are two of forms. */
const SECRET_END =
  /(?:password|passwd|passphrase|passcode|passwort|kennwort|wachtwoord|motdepasse|secret|apikey|token|secretkey|privatekey|accesskey|signature|credentials?)(?:confirm(?:ation)?|again|repeat|value|hash|field|input|box|\d{1,2})?$/;

/** Names that end so and are no secret: where to go on in a list; that there is none. */
const NO_SECRET =
  /^(?:(?:x?)(?:next|prev|previous)?(?:page|sync|continuation|next|start|marker)token|no-?(?:pass|auth|token|cookie).*)$/;

/** A name as it is compared. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.\s[\]$:@#]/g, "");
}

/** Whether a name in JSON, XML or text says that its value is secret. */
export function isSecretName(name: string): boolean {
  if (name.length > 256) return false;
  // A field of a field: "user[password]", "db.password".
  return isSecretWord(plain(name)) || SECRET_LAST.has(lastWord(name)) ||
    name.split(/[.:[\]]+/).some((part) => isSecretWord(plain(part)));
}

function lastWord(name: string): string {
  return /(?:[-_. ]|[a-z](?=[A-Z]))([A-Za-z]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** Whether a text looks like such a name and not like a secret that happens to end like one. */
export function isPlainName(text: string): boolean {
  return text.length <= 24 && /^[A-Za-z]+(?:[-_ ][A-Za-z]+)*$/.test(text) && isSecretName(text);
}

/** Whether a name says that what it holds are secrets, each of them. */
export function namesSecrets(name: string): boolean {
  return name.length <= 256 && SECRETS.test(plain(name));
}

/** Fields that say how something is called whose value stands in another field. */
const LABEL =
  /(?:name|key|field|header|param|parameter|property|attribute|variable|var|label|option|setting|^id|^k|^n)$/;

/** Whether a field may hold the name of what its neighbour holds: `{"name": "password", "value": ...}`. */
export function isLabel(name: string): boolean {
  return name.length <= 64 && LABEL.test(plain(name));
}

/** Whether a field may hold the value of what its neighbour names. */
export function isValueField(name: string): boolean {
  return name.length <= 64 &&
    /(?:^t?$|^v|^val|values?|contents?|examples?|data|^text|default|string)$/.test(plain(name));
}

function isSecretWord(word: string): boolean {
  return SECRET.has(word) || SECRET_END.test(word) && !NO_SECRET.test(word);
}

/** The same for a parameter of an address or a form, where short names are those of keys and codes. */
export function isSecretParameter(name: string): boolean {
  return isSecretName(name) || ["key", "code", "hash"].includes(plain(name));
}

/**
 * Whether the "code" of a JSON object is one that gives access and not one of an error or a piece of a program: it stands
 * among the fields of OAuth, or looks like nothing else.
 */
export function isAccessCode(value: string, names: readonly string[]): boolean {
  const words = names.map(plain);
  const oauth = ["granttype", "redirecturi", "clientid", "state", "codeverifier"];
  if (oauth.some((word) => words.includes(word))) return true;
  return /^[!-~]{16,}$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value) &&
    !/[(){}<>;=]/.test(value);
}

/** Fields of a request that tell requests apart, unless the caller says which. */
export const MATCHED_FIELDS: readonly string[] = ["accept", "content-type"];

/** Whether a field may have to do with credentials, so that no caller may ask for it: wider than those that are some. */
export function mayBeCredential(name: string): boolean {
  return /auth|cookie|token|secret|password|credential|signature|session|api-?key|(?:^|-)key$/i
    .test(name);
}

const KEPT = new Set([
  ...["accept-ranges", "age", "allow", "cache-control", "content-disposition", "content-language"],
  ...[
    "content-location",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
  ],
  ...["link", "location", "retry-after", "retry-after-ms", "vary", "x-should-retry", "ratelimit"],
  ...[
    "ratelimit-policy",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "x-total-count",
  ],
]);

/** Limits as providers of models say them. */
const KEPT_LIMITS =
  /^(?:x|anthropic)-ratelimit-(?:[a-z]+-)*(?:limit|remaining|reset|requests|tokens)(?:-(?:requests|tokens))?$/;

/** Whether a field of a response is kept. */
export function isKeptField(name: string): boolean {
  return KEPT.has(name) || KEPT_LIMITS.test(name);
}
