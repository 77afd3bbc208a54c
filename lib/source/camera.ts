import { VideoError } from '../errors';
import { shownSource } from './shown';
import { isUrl, readUrl, withLogin } from './url-parts';

/** Who a camera is told wants its video. Either may be empty. */
export interface Login {
  user: string;
  password: string;
}

/** Cameras of this machine, which have no address. */
const isDevice = (address: string) => /^(?:v4l2|avfoundation|dshow):/i.test(address);

/** `auth` in ffmpeg's libavformat/rtsp.c has 128 bytes; what is longer is cut off without a word. */
const longestRtspLogin = 127;

/** The URLs that can carry a login which ffmpeg uses. */
const canLogin = /^(?:rtsps?|https?):/i;

/**
 * The URL of a camera by its address, for which rtsp need not be written, and its login, in which every character is right that a
 * login may have. A login in the address itself gives way to it. Throws BAD_OPTION.
 */
export function cameraUrl(address: unknown, { user, password }: Login): string {
  const entered = typeof address === 'string' ? address.trim() : '';
  if (entered === '') {
    throw new VideoError('BAD_OPTION', 'No address of the camera given: enter its host, or its URL');
  }
  const url = isUrl(entered) || isDevice(entered) ? entered : `rtsp://${entered.replace(/^\/+/, '')}`;
  if (user === '' && password === '') return url;
  if (isUrl(url) && readUrl(url) === undefined) {
    const message = `Where the host begins in ${shownSource(url)} is unclear: enter its user and password in their own fields only`;
    throw new VideoError('BAD_OPTION', message);
  }
  if (!canLogin.test(url)) {
    throw new VideoError(
      'BAD_OPTION',
      `${shownSource(url)} takes no user and password: give an address of rtsp, rtsps, http or https, or leave them blank`,
    );
  }
  // HTTP's and RTSP's logins end a user's name at its first colon (RFC 7617, 2).
  if (user.includes(':')) {
    throw new VideoError(
      'BAD_OPTION',
      `The user of ${shownSource(url)} has a ":" in it, which no camera takes: correct it`,
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(user + password)) {
    const message = `The user or password of ${shownSource(url)} has a control character in it: enter it anew`;
    throw new VideoError('BAD_OPTION', message);
  }
  const full = withLogin(url, user, password);
  if (/^rtsps?:/i.test(full) && (readUrl(full)?.login?.length ?? 0) > longestRtspLogin) {
    throw new VideoError(
      'BAD_OPTION',
      `The user and password of ${shownSource(url)} are too long for ffmpeg, which takes ${longestRtspLogin} characters, and a / ? # @ % + : or space as three: set a shorter password`,
    );
  }
  return full;
}
