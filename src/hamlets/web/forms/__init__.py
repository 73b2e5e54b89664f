"""Form fields that are drawn as the NHS design system's components."""
