import { VideoError } from '../errors';
import { faultOf, inputOptionNames } from './input-option-names';

/** One of ffmpeg's options for its input, as a flow's author entered it. */
export interface InputOption {
  name: string;
  value: string;
}

/** Reads and checks ffmpeg's options for its input; as arguments. Throws BAD_OPTION, which names the option and the remedy. */
export function readInputOptions(given: unknown): string[] {
  if (given === undefined || given === null || given === '') return [];
  if (!Array.isArray(given)) {
    throw new VideoError('BAD_OPTION', 'inputOptions is not a list: give a list of names and values');
  }
  return given.flatMap((option: Partial<InputOption> | null) => {
    const name = String(option?.name ?? '')
      .trim()
      .replace(/^-/, '');
    const value = String(option?.value ?? '').trim();
    if (name === '' && value === '') return [];
    const fault = faultOf(name, value);
    if (fault !== undefined) throw new VideoError('BAD_OPTION', `The input option "${name.slice(0, 60)}" ${fault}`);
    return [`-${name}`, value];
  });
}

/** The error for what ffmpeg and ffprobe say of an option that this source, or this version, does not have. */
export function optionErrorOf(words: string, name: string): VideoError | undefined {
  const [, option] = /^(?:Unrecognized option '(\w+)'|Option (\w+) not found)/m.exec(words)?.filter(Boolean) ?? [];
  if (option === undefined || !inputOptionNames.includes(option)) return undefined;
  return new VideoError('BAD_OPTION', `ffmpeg has no input option "${option}" for ${name}: remove it`);
}
