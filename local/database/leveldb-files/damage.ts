// A file of the database is not as LevelDB wrote it.

export class Damage extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "Damage";
  }
}
