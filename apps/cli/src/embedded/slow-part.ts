/** Parts of the embedded services whose start takes long enough to be told of. */
export type SlowPart = 'sandbox' | 'store' | 'model';
