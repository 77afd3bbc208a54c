import type { Node, NodeAPI } from 'node-red';
import { look } from '../../lib/decode/look';
import type { VideoSource } from '../../lib/decode/video-source';
import { messageOf } from '../../lib/errors';
import type { RawOptions } from '../../lib/ffmpeg/options';
import { hideSecrets } from '../../lib/source/secrets';
import { jsonBodyOf } from '../common/json-request';
import { retainPool } from '../common/pool';
import { settingsOf } from '../common/settings';
import { sourceRules } from './source-rules';

interface LookRequest extends RawOptions {
  source: string;
  sourceType: 'str' | 'env';
}

/** What the editor asks of the runtime: the node's button, and "Look" in its dialog. */
export function registerAdminRoutes(RED: NodeAPI): void {
  const mayWrite = RED.auth.needsPermission('flows.write');

  // The button starts what rests and stops what plays.
  RED.httpAdmin.post('/video-source/:id/button', mayWrite, (req, res) => {
    const node = RED.nodes.getNode(String(req.params.id)) as (Node & { video?: VideoSource }) | null;
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
      const { source, sourceType, ...options } = jsonBodyOf(req) as LookRequest;
      const given = RED.util.evaluateNodeProperty(source, sourceType, {} as Node, {});
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
}
