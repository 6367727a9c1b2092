/** The two servers that speak this protocol; what they do differently is asked of this. */
export type Flavour = 'mysql' | 'mariadb';
