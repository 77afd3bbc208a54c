import type { NodeAPI } from 'node-red';
import type { SourceRules } from '../../lib/source/source';
import { settingsOf } from '../common/settings';

/** Where videos are looked for, and which of them an administrator allows. */
export function sourceRules(RED: NodeAPI): Omit<SourceRules, 'trusted' | 'imageRate'> {
  const { allowedFolders, allowedHosts } = settingsOf(RED);
  const folders = [RED.settings.userDir, process.cwd()].filter((folder) => folder !== undefined);
  return { folders, allowedFolders, allowedHosts };
}
