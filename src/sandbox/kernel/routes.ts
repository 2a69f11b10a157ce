/** A path of segments; `:name` takes one segment. Example: `/im/sessions/:session_id/message_preview`. */
export interface PathPattern {
  readonly text: string;
  /** The captured segments, percent-decoded, or `null`. */
  match(path: string): Record<string, string> | null;
}

export function compilePath(text: string): PathPattern {
  const wanted = text.split('/');
  return {
    text,
    match(path) {
      const given = path.split('/');
      if (given.length !== wanted.length) return null;
      const params: Record<string, string> = {};
      for (let i = 0; i < wanted.length; i++) {
        const want = wanted[i] ?? '';
        const have = given[i] ?? '';
        if (want.startsWith(':')) {
          const value = decodeSegment(have);
          if (value === null || value === '') return null;
          params[want.slice(1)] = value;
        } else if (want !== have) return null;
      }
      return params;
    },
  };
}

function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
