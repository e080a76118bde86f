/** Seen from the client: what it sends is an upload, what it gets a reply. */
export type StreamDirection = 'upload' | 'reply';
