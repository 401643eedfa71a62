/**
 * The instant of the call in work: all that follows from it happens then. An object, because a fraction that is handed from
 * function to function is an object of its own each time.
 */
export class Instant {
  us = 0;
}
