/** All printable characters of ASCII. */
export const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');

/** Those of them that are no letters and digits. */
export const special = printable.replaceAll(/[a-z\d]/gi, '');

/** Passwords of 8 to 20 printable characters, the same ones in every run. */
export function randomPasswords(count: number): string[] {
  let state = 12345;
  // Numerical Recipes' generator: good enough, and the same everywhere.
  const next = (below: number) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 8 + next(13) }, () => printable[next(printable.length)]).join(''),
  );
}

/** Where cameras and services have a password in their address. */
export const places: ((password: string) => string)[] = [
  (password) => `rtsp://admin:${password}@192.168.1.10:554/live`,
  (password) => `rtsp://admin:${password}@cam.local/live?channel=1`,
  (password) => `http://me@example.org:${password}@cam/live`,
  (password) => `http://:${password}@cam/live`,
  (password) => `http://${password}@192.168.1.10/live`,
  (password) => `http://192.168.1.10/video.cgi?loginuse=admin&loginpas=${password}&resolution=32`,
  (password) => `http://cam:8080/video.cgi?user=admin&pwd=${password}`,
  ...['passcode', 'userpass', 'userpwd', 'apitoken', 'hdnts', 'streamid', 'channel'].map(
    (name) => (password: string) => `https://cam.example.org/live?${name}=${password}`,
  ),
  (password) => `rtsp://192.168.1.10:554/user=admin_password=${password}_channel=1_stream=0.sdp?real_stream`,
  (password) => `rtsp://cam/user=admin&password=${password}&channel=1`,
  (password) => `http://192.168.1.10/live#${password}`,
  (password) => `admin:${password}@192.168.1.10/live`,
  (password) => `camera:554/live?password=${password}`,
];
