import type { Node, NodeAPI } from 'node-red';
import { look } from '../../lib/decode/look';
import type { VideoSource } from '../../lib/decode/video-source';
import { messageOf, VideoError } from '../../lib/errors';
import type { RawOptions } from '../../lib/ffmpeg/options';
import { cameraUrl, type Login } from '../../lib/source/camera';
import { hideSecrets } from '../../lib/source/secrets';
import { jsonBodyOf } from '../common/json-request';
import { retainPool } from '../common/pool';
import { settingsOf } from '../common/settings';
import { loginOf, optionsOf } from './options';
import { sourceRules } from './source-rules';

interface LookRequest extends RawOptions, Partial<Login> {
  /** The node's, which may not be deployed yet. */
  id?: string;
  source: string;
  sourceType: 'str' | 'env' | 'camera';
}

type RunningNode = Node<Login> & { video?: VideoSource; address?: string };

/** What the editor shows, and so sends, in place of a password it never gets. */
const hiddenPassword = '__PWRD__';

/** What the editor asks of the runtime: the node's button, and "Look" in its dialog. */
export function registerAdminRoutes(RED: NodeAPI): void {
  const mayWrite = RED.auth.needsPermission('flows.write');

  // The button starts what rests and stops what plays.
  RED.httpAdmin.post('/video-source/:id/button', mayWrite, (req, res) => {
    const node = RED.nodes.getNode(String(req.params.id)) as RunningNode | null;
    try {
      jsonBodyOf(req);
    } catch {
      res.sendStatus(415);
      return;
    }
    // One whose settings are wrong has nothing to start.
    if (node?.type !== 'video-source' || node.video === undefined) {
      res.sendStatus(404);
      return;
    }
    const action = node.video.isActive ? 'stop' : 'start';
    node.receive({ action } as never);
    res.json({ action });
  });

  // Whoever may do this may also deploy a node that does it, so the source counts as written into one.
  RED.httpAdmin.post('/video-source/look', mayWrite, async (req, res) => {
    const { pool, release } = retainPool(RED);
    try {
      const request = jsonBodyOf(req) as LookRequest;
      const given = sourceOf(request);
      const options = optionsOf(request);
      const rules = { ...sourceRules(RED), trusted: true };
      const { ffmpegPath } = settingsOf(RED);
      const { opened, thumbnail } = await look(given, { pool, ffmpegPath, rules, options });
      res.json({ ...opened, thumbnail: thumbnail?.toString('base64') });
    } catch (error) {
      res.status(422).json({ message: hideSecrets(messageOf(error)) });
    } finally {
      await release();
    }
  });

  function sourceOf({ id, source, sourceType, user, password }: LookRequest): unknown {
    const node = (typeof id === 'string' ? RED.nodes.getNode(id) : null) as RunningNode | null;
    const evaluate = (type: string) => RED.util.evaluateNodeProperty(source, type, (node ?? {}) as Node, {});
    if (sourceType !== 'camera') return evaluate(sourceType);
    // As in every property, ${NAME} is a variable of the environment.
    const address = /^\$\{\S+\}$/.test(source) ? evaluate('env') : source;
    if (password !== hiddenPassword) return cameraUrl(address, loginOf({ user, password }));
    // A stored password is sent where the deployed node sends it, or anybody could have it sent to themselves.
    if (node?.type !== 'video-source' || address !== node.address) {
      throw new VideoError('BAD_OPTION', 'The address is not the deployed one: enter the password again');
    }
    return cameraUrl(address, loginOf({ user, password: node.credentials.password }));
  }
}
