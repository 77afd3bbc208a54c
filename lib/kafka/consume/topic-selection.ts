import type { Admin } from 'kafkajs';
import { VideoError } from '../../errors';
import { topicExists } from '../cluster/topics';

/** Topics by name, or all whose name matches a pattern. */
export type TopicSelection = { names: readonly string[] } | { pattern: RegExp };

export interface SelectedTopics {
  present: string[];
  /** Named, but not there. */
  missing: string[];
}

/** `one`, `one, two` or `/pattern/`. Throws BAD_OPTION when it names nothing, or the pattern is invalid. */
export function parseTopics(text: string): TopicSelection {
  const [, source, flags] = /^\s*\/(.+)\/([a-z]*)\s*$/.exec(text) ?? [];
  if (source !== undefined) {
    try {
      return { pattern: new RegExp(source, flags) };
    } catch (error) {
      throw new VideoError('BAD_OPTION', `${text} is not a valid pattern for topics: ${(error as Error).message}.`, {
        cause: error,
      });
    }
  }
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length > 0) return { names: [...new Set(names)] };
  throw new VideoError(
    'BAD_OPTION',
    'No topic is set: enter the topic to read, several separated by commas, or a /pattern/.',
  );
}

/** What the selection comes to right now. Rejects where a named topic may not be seen. */
export async function selectTopics(admin: Admin, selection: TopicSelection): Promise<SelectedTopics> {
  if ('pattern' in selection) {
    const all = await admin.listTopics();
    const { pattern } = selection;
    return {
      present: all.filter((topic) => !topic.startsWith('__') && topic.search(pattern) >= 0).sort(),
      missing: [],
    };
  }
  const present: string[] = [];
  const missing: string[] = [];
  for (const name of selection.names) ((await topicExists(admin, name)) ? present : missing).push(name);
  return { present, missing };
}

/** The selection as people write it. */
export function textOf(selection: TopicSelection): string {
  return 'pattern' in selection ? String(selection.pattern) : selection.names.join(', ');
}
