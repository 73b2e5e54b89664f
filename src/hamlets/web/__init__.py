"""The web site: where practice staff live with Hamlets. Started by ``hamlets serve``."""
