/** The search function of Node-RED's autoComplete and typedInput widgets. */
export type Search = (typed: string, done: (found: { value: string; label: string }[]) => void) => void;

/**
 * Suggests the broker's topics, which are fetched once per broker. If that fails there are no suggestions, but any
 * topic can still be typed in.
 */
export function topicSearch(brokerId: () => string, topicsOf: (brokerId: string) => PromiseLike<string[]>): Search {
  const asked = new Map<string, PromiseLike<string[]>>();
  return (typed, done) => {
    const id = brokerId();
    // The value of a config node select with nothing selected.
    if (id === '' || id === '_ADD_') return done([]);
    const topics = asked.get(id) ?? topicsOf(id);
    asked.set(id, topics);
    topics.then(
      (all) => done(all.filter((topic) => topic.includes(typed)).map((topic) => ({ value: topic, label: topic }))),
      () => done([]),
    );
  };
}
