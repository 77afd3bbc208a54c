/** Names of URL parameters that hold something nobody else should see. */
const secretName =
  /(?:^|[_-])(?:token|key|apikey|auth|pass|passwd|password|passphrase|pwd|secret|sig|signature|jwt|session)$/i;
/** A camera's own short forms, too short to look for inside longer names. */
const shortNames = new Set(['pw', 'pin', 'sid', 'p', 'accesskey', 'accesstoken', 'authkey', 'streamkey']);

/** A scheme of bounded length: looking for one in a long text would otherwise take the square of its length. */
const url = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'<>|]*/gi;

/** A text with the users, passwords and secret parameters taken out of every URL in it. */
export function hideSecrets(text: string): string {
  return text.replace(url, hideInUrl);
}

/** A source as it was given; if it is a URL, without its secrets. */
export function withoutSecrets(source: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source) ? hideInUrl(source) : source;
}

function hideInUrl(given: string): string {
  const withoutUser = given.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
  return withoutUser.replace(/([?&;#])([^=?&;#]+)=([^&;#]*)/g, (whole, separator: string, name: string) =>
    isSecret(name) ? `${separator}${name}=***` : whole,
  );
}

function isSecret(name: string): boolean {
  // fooBar and foo.bar are foo_bar.
  const plain = name.replace(/([a-z])([A-Z])/g, '$1_$2').replaceAll(/[.%[\]]/g, '_');
  return secretName.test(plain) || shortNames.has(name.toLowerCase());
}
