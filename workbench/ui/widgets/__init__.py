"""What a notebook shows of a project; every view stays in it as HTML, as a picture and as text, for later readers."""
