import { installDropSilent } from './drop-silent';
import { installFastProduce } from './fast-produce';
import { installHoldFetching } from './hold-fetching';
import { installIdleQueue } from './idle-queue';
import { installOutOfRange } from './out-of-range';
import { installReadBatches } from './read-batches';
import { installReauthenticate } from './reauthenticate';
import { installReleaseSent } from './release-sent';
import { installResumeMember } from './resume-member';
import { installSilenceWatch } from './silence-watch';

/** The version the patches were written for: what they change is not public API. */
const knownVersion = '2.2.4';

let isDone = false;

/**
 * Mends kafkajs where it costs too much, gets stuck, or forgets what was committed, once. kafkajs has had no release since
 * 2023, so nothing is to be expected from upstream. With any other version than the known one, kafkajs is left as it is.
 */
export function installPatches(version = (require('kafkajs/package.json') as { version: string }).version): void {
  if (isDone || version !== knownVersion) return;
  isDone = true;
  installDropSilent();
  installFastProduce();
  installHoldFetching();
  installIdleQueue();
  installOutOfRange();
  installReadBatches();
  installReauthenticate();
  installReleaseSent();
  installResumeMember();
  installSilenceWatch();
}
