"""What the server answers with an error."""


class Refused(Exception):
    pass
