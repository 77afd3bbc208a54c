import type { RawOptions } from '../../lib/ffmpeg/options';
import type { Login } from '../../lib/source/camera';

/** A node's options. What makes a camera one holds for a flow that was written by hand, too. */
export function optionsOf<Config extends RawOptions & { sourceType: string }>(config: Config): Config {
  return { ...config, live: config.live ?? config.sourceType === 'camera' };
}

/** The login of a node's credentials, of which Node-RED leaves out what was never entered. */
export function loginOf({ user = '', password = '' }: Partial<Login> = {}): Login {
  return { user, password };
}
