"""Write the settings folders of ``examples/``: a small MPP, and one with 150 services.

    python script/make_examples.py [FOLDER]

Both are invented. ``tests/settings/test_examples.py`` compares them with what this script makes.
"""

from __future__ import annotations

import sys
from datetime import time
from pathlib import Path

from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import KIOSK_FILE, TICKET_FILE, load_settings
from kiosk.settings.new_site import NewAgency, NewSite, menu_text
from menu.agencies import AGENCIES_FILE
from menu.schedule import Period

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"

MORNING = Period(time(8), time(12))
AFTERNOON = Period(time(13), time(15))
FRIDAY = Period(time(8), time(11))

_HEAD = """
# CONTOH: MPP ini tidak ada. Berkas ini ditulis oleh script/make_examples.py.
"""

_SCHEMA = "../../config/schema/"
_KIOSK = f"""\
# yaml-language-server: $schema={_SCHEMA}kiosk.schema.json
version: 1
id: lobi-1
printer: {{connection: virtual}}
"""
_TICKET = f"""\
# yaml-language-server: $schema={_SCHEMA}ticket.schema.json
version: 1
blocks:
  - heading: logo.png
  - head
  - number: {{height: 6}}
  - priority
  - {{text: "{{service}}", bold: true, width: 2, height: 2}}
  - text: "{{agency}}"
  - where
  - ahead
  - issued
  - survey
  - text: "{{address}}"
"""

SMALL = NewSite(
    name="Mal Pelayanan Publik Kabupaten Contoh",
    timezone="Asia/Jayapura",
    hours={
        "mon-thu": (MORNING, AFTERNOON),
        "fri": (FRIDAY,),
        "sat": (Period(time(8), time(10)),),
    },
    agencies=(
        NewAgency(
            short="Disdukcapil",
            name="Dinas Kependudukan dan Pencatatan Sipil",
            prefix="A",
            counters=("1", "2"),
            services=("KTP elektronik", "Kartu Keluarga", "Akta kelahiran", "Akta kematian"),
        ),
        NewAgency(
            short="DPMPTSP",
            name="Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
            prefix="B",
            counters=("3",),
            services=("Pendampingan OSS", "Informasi perizinan"),
        ),
        NewAgency(
            short="Samsat",
            prefix="C",
            counters=("4",),
            services=("Pajak kendaraan tahunan", "Balik nama kendaraan"),
        ),
    ),
    address="Jl. Contoh 1, Kabupaten Contoh",
    desk="Dekat pintu masuk",
    head=_HEAD,
)

FURTHER = (
    ("Disperindag", "Dinas Perindustrian dan Perdagangan",
     ("Tera ulang", "Konsultasi UMKM", "Surat keterangan asal", "Tanda daftar gudang",
      "Izin penjualan minuman")),
    ("Dinkes", "Dinas Kesehatan",
     ("SIP dokter", "SIP perawat", "SIP bidan", "SIP apoteker", "Laik higiene sanitasi")),
    ("Disdik", "Dinas Pendidikan",
     ("Legalisasi ijazah", "Izin PAUD", "Mutasi siswa", "Surat keterangan pengganti ijazah",
      "Izin lembaga kursus")),
    ("Dinsos", "Dinas Sosial",
     ("Data terpadu kesejahteraan", "Rekomendasi jaminan kesehatan", "Kartu disabilitas",
      "Izin pengumpulan sumbangan", "Bantuan sosial")),
    ("Disbudpar", "Dinas Kebudayaan dan Pariwisata",
     ("Tanda daftar usaha pariwisata", "Izin pertunjukan", "Sertifikat pemandu wisata",
      "Izin cagar budaya", "Data kunjungan")),
    ("DKP", "Dinas Kelautan dan Perikanan",
     ("Kartu pelaku usaha kelautan", "Surat keterangan nelayan", "Bukti pencatatan kapal",
      "Rekomendasi BBM nelayan", "Izin budidaya")),
    ("Distan", "Dinas Pertanian dan Pangan",
     ("Sertifikat veteriner", "Surat kesehatan hewan", "Vaksinasi rabies", "Kartu tani",
      "Izin klinik hewan")),
    ("BPS", "Badan Pusat Statistik",
     ("Konsultasi statistik", "Perpustakaan data", "Rekomendasi survei", "Permintaan data mikro",
      "Publikasi")),
    ("Bea Cukai", "Kantor Pengawasan dan Pelayanan Bea dan Cukai",
     ("Registrasi IMEI", "Barang kiriman", "Konsultasi ekspor", "Konsultasi impor", "NPPBKC")),
    ("Karantina", "Balai Karantina Hewan, Ikan, dan Tumbuhan",
     ("Sertifikat karantina hewan", "Sertifikat karantina tumbuhan", "Sertifikat karantina ikan",
      "Pemeriksaan media pembawa", "Konsultasi karantina")),
    ("BI", "Kantor Perwakilan Bank Indonesia",
     ("Penukaran uang rusak", "Klarifikasi uang", "Informasi BI Checking", "Edukasi QRIS",
      "Pengaduan konsumen")),
    ("OJK", "Otoritas Jasa Keuangan",
     ("SLIK debitur", "Pengaduan konsumen jasa keuangan", "Konsultasi investasi",
      "Cek legalitas pinjaman", "Edukasi keuangan")),
    ("Pos Indonesia", "PT Pos Indonesia (Persero)",
     ("Kirim paket", "Pos wesel", "Pembayaran tagihan pos", "Meterai elektronik", "Kotak pos")),
    ("Telkom", "PT Telkom Indonesia",
     ("Pasang internet", "Gangguan internet", "Pindah alamat internet", "Berhenti langganan",
      "Tagihan internet")),
)  # fmt: skip
"""Agencies that other MPPs have beside those of Balikpapan: short name, full name, services."""


def large() -> NewSite:
    """The agencies of Balikpapan's menu, 80 services, and 70 services of further agencies."""
    menu = load_settings(ROOT / "config", ASSETS).catalogue
    agencies = [
        NewAgency(
            short=agency.short.in_("id"),
            name=agency.name.in_("id"),
            prefix=agency.prefix,
            floor=agency.place.floor,
            counters=agency.place.counters,
            services=tuple(service.name.in_("id") for service in agency.services),
        )
        for agency in menu.agencies
    ]
    agencies += [
        NewAgency(short=short, name=name, floor="3", counters=(str(37 + n),), services=services)
        for n, (short, name, services) in enumerate(FURTHER)
    ]
    return NewSite(
        name="Mal Pelayanan Publik Provinsi Contoh",
        timezone="Asia/Jakarta",
        hours={"mon-thu": (Period(time(8), time(15)),), "fri": (FRIDAY, AFTERNOON)},
        agencies=tuple(agencies),
        address="Jl. Contoh 150, Kota Contoh",
        desk="Lantai 1, kanan pintu masuk",
        head=_HEAD,
    )


def make(folder: Path) -> None:
    """Write both examples into ``folder``."""
    for name, site in (("mpp-kecil", SMALL), ("mpp-besar", large())):
        made = folder / name
        made.mkdir(parents=True, exist_ok=True)
        menu = menu_text(site).replace("$schema=schema/", f"$schema={_SCHEMA}", 1)
        files = {AGENCIES_FILE: menu, KIOSK_FILE: _KIOSK, TICKET_FILE: _TICKET}
        for file, text in files.items():
            (made / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES)
