/** Asked to give a place to another topic's request; false: it can't. */
export type GiveUp = () => boolean;

/** A place that a request holds, from its admission to the end of its response. */
export interface Place {
  /** Asked to give its place to another topic's request; false: it can't. Not asked once it was left. */
  readonly giveUp: GiveUp;
  readonly holder: Holder;
  /** Where in its holder's list it stands. */
  index: number;
}

/** The places of one topic. */
interface Holder {
  readonly topic: string;
  /** A list, of which the last takes the place of one that goes: V8 keeps old tables of a Set that changes with each request. */
  readonly places: Place[];
}

/**
 * A number of places that topics share. While there are some, any topic takes them: what others do not need is lent.
 * When there are none, a topic that has less than its share gets one of whoever has most: what is lent is given back.
 */
export interface Places {
  /** Takes a place; null when there is none for this topic. */
  take(topic: string, giveUp: GiveUp): Place | null;
  /** Gives a place back; once for each. */
  leave(place: Place): void;
  /** For tests. */
  readonly taken: number;
}

/** How many places there are, and for whom; asked for each request. */
export interface PlacesOptions {
  /** How many there are. */
  readonly most: number;
  /** Of these, what one topic may hold while others need places: above 0, 1 at most. */
  readonly share: number;
}

/**
 * Shares places out among topics.
 *
 * @example
 * const places = createPlaces({ most: 1000, share: 0.5 });
 * const place = places.take('orders', () => false);
 * if (place !== null) places.leave(place);
 */
export function createPlaces(limits: PlacesOptions): Places {
  const holders = new Map<string, Holder>();
  let taken = 0;

  const enter = (topic: string, giveUp: GiveUp): Place => {
    let holder = holders.get(topic);
    if (holder === undefined) {
      holder = { topic, places: [] };
      holders.set(topic, holder);
    }
    taken++;
    const place: Place = { giveUp, holder, index: holder.places.length };
    holder.places.push(place);
    return place;
  };
  const leave = ({ holder, index }: Place): void => {
    const { places } = holder;
    const last = places.pop() as Place;
    if (index < places.length) {
      places[index] = last;
      last.index = index;
    }
    taken--;
    if (places.length === 0) holders.delete(holder.topic);
  };
  /** The topic that has most. */
  const largest = (): Holder | undefined => {
    let found: Holder | undefined;
    for (const holder of holders.values()) {
      if (found === undefined || holder.places.length > found.places.length) found = holder;
    }
    return found;
  };

  return {
    take(topic, giveUp) {
      const { most, share } = limits;
      if (taken < most) return enter(topic, giveUp);
      const held = holders.get(topic)?.places.length ?? 0;
      const from = largest();
      // As many as the others, and never more than its share: else two that want all would take turns for ever.
      if (from === undefined || held + 1 >= from.places.length || held >= most * share) return null;
      // The newest goes, about: it has waited least.
      const gone = from.places.findLast((place) => place.giveUp());
      if (gone === undefined) return null;
      leave(gone);
      return enter(topic, giveUp);
    },
    leave,
    get taken() {
      return taken;
    },
  };
}
