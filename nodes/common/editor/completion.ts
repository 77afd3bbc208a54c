/** As Node-RED's autoComplete and typedInput widgets take it. */
export type Search = (typed: string, done: (found: { value: string; label: string }[]) => void) => void;

/**
 * Completes a topic from what the broker has, which is asked once per broker. A broker that does not answer has none: a
 * topic can be typed all the same.
 */
export function topicSearch(brokerId: () => string, topicsOf: (brokerId: string) => PromiseLike<string[]>): Search {
  const asked = new Map<string, PromiseLike<string[]>>();
  return (typed, done) => {
    const id = brokerId();
    // What the editor has in the field before a broker is chosen.
    if (id === '' || id === '_ADD_') return done([]);
    const topics = asked.get(id) ?? topicsOf(id);
    asked.set(id, topics);
    topics.then(
      (all) => done(all.filter((topic) => topic.includes(typed)).map((topic) => ({ value: topic, label: topic }))),
      () => done([]),
    );
  };
}
